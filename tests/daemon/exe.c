/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exe: lets voisind start itself anew under valgrind, where /proc/self/exe is valgrind (tests/valgrind).
 *
 * Loaded by LD_PRELOAD; the environment's VOISIN_EXE is the program that is meant.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
execve(const char *path, char *const argv[], char *const envp[])
{
	static __typeof__(&execve) next;
	const char *meant = getenv("VOISIN_EXE");
	void *found = dlsym(RTLD_NEXT, "execve");

	memcpy(&next, &found, sizeof(next));
	return next(meant != NULL && strcmp(path, "/proc/self/exe") == 0 ? meant : path, argv, envp);
}

int
execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}
