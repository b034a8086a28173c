/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/address.h"
#include "daemon/sandbox.h"
#include "daemon/secrets.h"
#include "daemon/worker.h"

extern char **environ;

enum { ANSWER_MS = 10 * 1000, EXIT_NO_EXEC = 127 };

enum ask_kind { ASK_SPAWN = 1, ASK_REMOVE, ASK_RELOAD, ASK_OPEN };

/* Both are one packet. */
struct ask {
	uint32_t kind;
	uint32_t index;
	uint64_t device;
	uint64_t inode;
};

struct answer {
	uint32_t status;
	int32_t pid;
	char text[SETTINGS_SHARED_BYTES]; /* the message of a failure; or what was asked for */
};

_Static_assert((int)ERROR_MESSAGE_BYTES <= (int)SETTINGS_SHARED_BYTES, "a message fits");

struct keeper {
	int fd;
	pid_t pid;
	void (*on_end)(void *arg);
	void *arg;
};

/* ---- A packet, maybe with a descriptor (unix(7)) ---- */

struct packet {
	struct msghdr header;
	struct iovec bytes;
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
};

static void
packet_init(struct packet *packet, void *bytes, size_t len)
{
	*packet = (struct packet) { .bytes = { .iov_base = bytes, .iov_len = len } };
	packet->header.msg_iov = &packet->bytes;
	packet->header.msg_iovlen = 1;
}

static bool
send_packet(int fd, void *bytes, size_t len, int passed)
{
	struct packet packet;
	ssize_t n;

	packet_init(&packet, bytes, len);
	if (passed >= 0) {
		struct cmsghdr *head;

		packet.header.msg_control = packet.control.room;
		packet.header.msg_controllen = sizeof(packet.control.room);
		head = CMSG_FIRSTHDR(&packet.header);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &passed, sizeof(int));
	}
	do {
		n = sendmsg(fd, &packet.header, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)len;
}

/* The bytes that came, and the descriptor that came with them or -1. */
static ssize_t
receive_packet(int fd, void *bytes, size_t len, int *ret_passed)
{
	struct packet packet;
	struct cmsghdr *head;
	ssize_t n;

	packet_init(&packet, bytes, len);
	packet.header.msg_control = packet.control.room;
	packet.header.msg_controllen = sizeof(packet.control.room);
	do {
		n = recvmsg(fd, &packet.header, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	*ret_passed = -1;
	head = n >= 0 ? CMSG_FIRSTHDR(&packet.header) : NULL;
	if (head != NULL && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
		memcpy(ret_passed, CMSG_DATA(head), sizeof(int));
	return n;
}

/* ---- In the keeper ---- */

/* Becomes a worker, whose socket is `fd`.  The process has one thread, so that all may be called here. */
static void
become_worker(const struct settings *settings, int fd)
{
	char program[] = "voisind", mark[] = WORKER_ARGUMENT;
	struct buf shared;
	/* execve() does not write to them. */
	char *argv[5 + SETTINGS_VARIANTS_MAX] = { program, mark, (char *)(uintptr_t)settings->db };

	buf_init(&shared, SETTINGS_SHARED_BYTES);
	if (settings_share(settings, &shared) != STATUS_OK)
		_exit(EXIT_NO_EXEC);
	argv[3] = shared.data;
	for (unsigned i = 0; i < settings->n_variants; i++)
		argv[4 + i] = (char *)(uintptr_t)settings->variants[i];
	if (fd == WORKER_FD ? fcntl(fd, F_SETFD, 0) == 0 : dup2(fd, WORKER_FD) == WORKER_FD)
		(void)execve("/proc/self/exe", argv, environ);
	log_warn("worker cannot be started");
	_exit(EXIT_NO_EXEC);
}

static enum status
spawn(const struct settings *settings, int *ret_fd, pid_t *ret_pid, struct error *reterr)
{
	int ends[2];
	long pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return error_errno(reterr, STATUS_NOMEM, errno, "cannot make a socket for a search process");
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
		pid = -1;
	else
		pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0)
		become_worker(settings, ends[1]);
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return error_errno(reterr, STATUS_NOMEM, errno, "cannot start a search process");
	}
	*ret_fd = ends[0];
	*ret_pid = (pid_t)pid;
	return STATUS_OK;
}

static enum status
remove_socket(const struct settings *settings, const struct ask *ask, struct error *reterr)
{
	struct address address;
	const char *path;
	struct stat st;

	if (ask->index >= settings->n_listen ||
	    address_parse(settings->listen[ask->index], &address, reterr) != STATUS_OK || !address_is_local(&address))
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "there is no such socket");
	path = address.u.local.sun_path;
	if (lstat(path, &st) != 0 || st.st_dev != ask->device || st.st_ino != ask->inode)
		return STATUS_OK;
	if (unlink(path) != 0)
		return error_errno(reterr, STATUS_IO, errno, "cannot remove the socket %s", path);
	return STATUS_OK;
}

static enum status
open_file(const struct settings *settings, const struct ask *ask, int *ret_fd, struct error *reterr)
{
	if (ask->index >= SETTINGS_FILES || settings->files[ask->index] == NULL)
		return error_set(reterr, STATUS_INVALID, ERROR_NO_OFFSET, "there is no such file");
	return secrets_open(settings->files[ask->index], ret_fd, reterr);
}

static void
tell_restart(const char *name)
{
	log_warnx("reload option=%s changes with a restart only", name);
}

/* Reads all again; `text` is for the network process. */
static enum status
reload(struct settings *settings, char text[SETTINGS_SHARED_BYTES], struct error *reterr)
{
	struct settings again = { .config = NULL };
	enum settings_action action;
	struct buf shared;
	enum status status = settings_parse(settings->argc, settings->argv, &again, &action, reterr);

	if (status != STATUS_OK)
		return status;
	settings_compare(settings, &again, tell_restart);
	buf_init(&shared, SETTINGS_SHARED_BYTES - 1);
	status = settings_share(&again, &shared);
	if (status == STATUS_OK)
		status = settings_take(settings, shared.data, false);
	if (status == STATUS_OK)
		memcpy(text, shared.data, shared.len + 1);
	else
		status = error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "the settings cannot be passed on");
	buf_done(&shared);
	settings_done(&again);
	return status;
}

static bool
answer(int fd, struct settings *settings, const struct ask *ask)
{
	struct answer reply = { .status = STATUS_OK };
	struct error error;
	int passed = -1;
	bool sent;

	if (ask->kind == ASK_SPAWN)
		reply.status = spawn(settings, &passed, &reply.pid, &error);
	else if (ask->kind == ASK_REMOVE)
		reply.status = remove_socket(settings, ask, &error);
	else if (ask->kind == ASK_OPEN)
		reply.status = open_file(settings, ask, &passed, &error);
	else if (ask->kind == ASK_RELOAD)
		reply.status = reload(settings, reply.text, &error);
	else
		reply.status = error_set(&error, STATUS_INVALID, ERROR_NO_OFFSET, "what came is no request");
	if (reply.status != STATUS_OK)
		memcpy(reply.text, error.message, sizeof(error.message));
	sent = send_packet(fd, &reply, sizeof(reply), passed);
	if (passed >= 0)
		(void)close(passed);
	return sent;
}

/* The folders of the Unix sockets, each with its end cut off. */
struct socket_folders {
	struct address addresses[SETTINGS_LISTEN_MAX];
	const char *paths[SETTINGS_LISTEN_MAX + 1];
};

static void
find_folders(const struct settings *settings, struct socket_folders *folders)
{
	unsigned n = 0;

	for (unsigned i = 0; i < settings->n_listen; i++) {
		struct address *address = &folders->addresses[i];
		char *slash;

		if (strncmp(settings->listen[i], "unix:", 5) != 0 ||
		    address_parse(settings->listen[i], address, NULL) != STATUS_OK)
			continue;
		slash = strrchr(address->u.local.sun_path, '/');
		if (slash != NULL)
			slash[slash == address->u.local.sun_path] = '\0';
		folders->paths[n++] = slash != NULL ? address->u.local.sun_path : ".";
	}
	folders->paths[n] = NULL;
}

static void
enter_sandbox(const struct settings *settings)
{
	static const char *const everywhere[] = { "/", NULL };
	struct socket_folders folders;

	find_folders(settings, &folders);
	sandbox_enter(SANDBOX_KEEPER,
	    &(struct sandbox_paths) { .readable = everywhere, .removable = folders.paths, .executable = true });
}

/* Signals to the whole group (Ctrl-C, systemd) are for the network process; the keeper ends with it. */
static void
ignore_signals(void)
{
	static const int signals[] = { SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)signal(signals[i], SIG_IGN);
}

static int
keep(int fd, struct settings *settings, const struct identity *identity)
{
	struct error error;
	struct ask ask;
	int passed;

	ignore_signals();
	(void)prctl(PR_SET_NAME, "voisind-keeper");
	if (privileges_drop(identity, settings->no_sandbox || !sandbox_is_possible(), &error) != STATUS_OK) {
		log_warnx("keeper cannot start why=\"%s\"", error.message);
		return EXIT_FAILURE;
	}
	/* Changing the user takes this away, so it comes after. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!settings->no_sandbox)
		enter_sandbox(settings);
	while (receive_packet(fd, &ask, sizeof(ask), &passed) == (ssize_t)sizeof(ask)) {
		if (passed >= 0)
			(void)close(passed);
		if (!answer(fd, settings, &ask))
			break;
	}
	return EXIT_SUCCESS;
}

/* ---- In the network process ---- */

enum status
keeper_start(const struct settings *settings, const struct identity *identity, void (*on_end)(void *arg), void *arg,
    struct keeper **ret_keeper, struct error *reterr)
{
	const struct timeval patience = { .tv_sec = ANSWER_MS / 1000 };
	struct keeper *keeper = calloc(1, sizeof(*keeper));
	struct settings copy;
	int ends[2];

	if (keeper == NULL || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		free(keeper);
		return error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET, "no memory for the keeper process");
	}
	keeper->pid = fork();
	if (keeper->pid == 0) {
		(void)close(ends[0]);
		free(keeper);
		copy = *settings;
		_exit(keep(ends[1], &copy, identity));
	}
	(void)close(ends[1]);
	if (keeper->pid < 0) {
		(void)close(ends[0]);
		free(keeper);
		return error_errno(reterr, STATUS_NOMEM, errno, "cannot start the keeper process");
	}
	(void)setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	keeper->fd = ends[0];
	keeper->on_end = on_end;
	keeper->arg = arg;
	*ret_keeper = keeper;
	return STATUS_OK;
}

void
keeper_close(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	(void)close(keeper->fd);
	while (keeper->pid > 0 && waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(keeper);
}

static enum status
ask_for(struct keeper *keeper, struct ask *ask, struct answer *answer, int *ret_passed, struct error *reterr)
{
	if (!send_packet(keeper->fd, ask, sizeof(*ask), -1) ||
	    receive_packet(keeper->fd, answer, sizeof(*answer), ret_passed) != (ssize_t)sizeof(*answer))
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "the keeper process does not answer");
	if (answer->status == STATUS_OK)
		return STATUS_OK;
	answer->text[ERROR_MESSAGE_BYTES - 1] = '\0';
	return error_set(reterr, answer->status <= STATUS_INTERNAL ? (enum status)answer->status : STATUS_INTERNAL,
	    ERROR_NO_OFFSET, "%s", answer->text);
}

enum status
keeper_spawn(struct keeper *keeper, int *ret_fd, pid_t *ret_pid, struct error *reterr)
{
	struct ask ask = { .kind = ASK_SPAWN };
	struct answer answer;
	int passed = -1;
	enum status status = ask_for(keeper, &ask, &answer, &passed, reterr);

	if (status == STATUS_OK && passed < 0)
		status = error_set(reterr, STATUS_NOMEM, ERROR_NO_OFFSET,
		    "cannot take the socket of a search process: too many files are open");
	if (status != STATUS_OK)
		return status;
	*ret_fd = passed;
	*ret_pid = answer.pid;
	return STATUS_OK;
}

enum status
keeper_remove_socket(struct keeper *keeper, unsigned i, dev_t device, ino_t inode, struct error *reterr)
{
	struct ask ask = { .kind = ASK_REMOVE, .index = i, .device = device, .inode = inode };
	struct answer answer;
	int passed = -1;
	enum status status = ask_for(keeper, &ask, &answer, &passed, reterr);

	if (passed >= 0)
		(void)close(passed);
	return status;
}

enum status
keeper_reload(struct keeper *keeper, struct settings *settings, struct error *reterr)
{
	struct ask ask = { .kind = ASK_RELOAD };
	struct answer answer;
	int passed = -1;
	enum status status = ask_for(keeper, &ask, &answer, &passed, reterr);

	if (passed >= 0)
		(void)close(passed);
	if (status != STATUS_OK)
		return status;
	answer.text[sizeof(answer.text) - 1] = '\0';
	if (settings_take(settings, answer.text, false) != STATUS_OK)
		return error_set(reterr, STATUS_INTERNAL, ERROR_NO_OFFSET, "the settings cannot be passed on");
	return STATUS_OK;
}

enum status
keeper_open(struct keeper *keeper, enum settings_file which, int *ret_fd, struct error *reterr)
{
	struct ask ask = { .kind = ASK_OPEN, .index = which };
	struct answer answer;
	enum status status = ask_for(keeper, &ask, &answer, ret_fd, reterr);

	if (status == STATUS_OK && *ret_fd < 0)
		status = error_set(reterr, STATUS_IO, ERROR_NO_OFFSET, "too many files are open");
	return status;
}

void
keeper_reaped(struct keeper *keeper, pid_t pid)
{
	if (pid != keeper->pid)
		return;
	keeper->pid = 0;
	keeper->on_end(keeper->arg);
}
