/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

extern "C" {
#include "tests/xapian-c/failing_new.h"

/* The linker's: where this program's code begins and ends. */
extern const char __executable_start, etext;
}

/* Stands before each block, and keeps its alignment. */
struct alignas(std::max_align_t) header {
	bool ours;
};

static unsigned long countdown;
static bool persistent, failed;
static long alive[2]; /* in libraries, ours */

void
failing_new_arm(unsigned long nth, bool all_after)
{
	countdown = nth;
	persistent = all_after;
	failed = false;
}

bool
failing_new_disarm(void)
{
	countdown = 0;
	return failed;
}

long
failing_new_alive(void)
{
	return alive[1];
}

long
failing_new_alive_in_libraries(void)
{
	return alive[0];
}

static bool
fails_now() noexcept
{
	if (countdown == 0 || (!persistent && failed))
		return false;
	if (countdown > 1) {
		countdown--;
		return false;
	}
	failed = true;
	return true;
}

static void *
allocate(std::size_t size, const void *caller) noexcept
{
	std::uintptr_t at = reinterpret_cast<std::uintptr_t>(caller);
	struct header *block;

	if (fails_now() || size > SIZE_MAX - sizeof(*block))
		return nullptr;
	block = static_cast<struct header *>(std::malloc(sizeof(*block) + size));
	if (block == nullptr)
		return nullptr;
	block->ours = at >= reinterpret_cast<std::uintptr_t>(&__executable_start) &&
		      at < reinterpret_cast<std::uintptr_t>(&etext);
	alive[block->ours]++;
	return block + 1;
}

static void *
allocate_or_throw(std::size_t size, const void *caller)
{
	void *p = allocate(size, caller);

	if (p == nullptr)
		throw std::bad_alloc();
	return p;
}

static void
release(void *p) noexcept
{
	if (p == nullptr)
		return;
	struct header *block = static_cast<struct header *>(p) - 1;
	alive[block->ours]--;
	std::free(block);
}

void *
operator new(std::size_t size)
{
	return allocate_or_throw(size, __builtin_return_address(0));
}

void *
operator new[](std::size_t size)
{
	return allocate_or_throw(size, __builtin_return_address(0));
}

void *
operator new(std::size_t size, const std::nothrow_t &) noexcept
{
	return allocate(size, __builtin_return_address(0));
}

void *
operator new[](std::size_t size, const std::nothrow_t &) noexcept
{
	return allocate(size, __builtin_return_address(0));
}

void
operator delete(void *p) noexcept
{
	release(p);
}

void
operator delete[](void *p) noexcept
{
	release(p);
}

void
operator delete(void *p, std::size_t) noexcept
{
	release(p);
}

void
operator delete[](void *p, std::size_t) noexcept
{
	release(p);
}

void
operator delete(void *p, const std::nothrow_t &) noexcept
{
	release(p);
}

void
operator delete[](void *p, const std::nothrow_t &) noexcept
{
	release(p);
}
