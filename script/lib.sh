# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# lib: what script/ and the tests of tests/checks/ share.  Sourced by bash, never run.

# die MESSAGE...: says what went wrong, and ends the script.
die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

# logged FILE COMMAND...: runs with the output in FILE, of which the end is shown on failure.
logged() {
	local log=$1

	shift
	"$@" >"$log" 2>&1 && return
	tail -n 60 "$log" >&2
	die "failed: $* (the end of its output stands above, all of it in $log)"
}

daemon_pid=

# daemon_start BIN DB SOCKET LOG [OPTION...]: starts voisind and returns when it answers.
daemon_start() {
	local bin=$1 db=$2 socket=$3 log=$4 tries=0

	shift 4
	"$bin/voisind" --db "$db" --listen "unix:$socket" "$@" >"$log" 2>&1 &
	daemon_pid=$!
	until [ -S "$socket" ] && "$bin/voisin" --server "unix:$socket" --ping >/dev/null 2>&1; do
		daemon_wait_turn "$log" $((tries += 1))
	done
}

# daemon_wait_turn LOG TRIES: a twentieth of a second, 200 times at most, while voisind lives.
daemon_wait_turn() {
	if ! kill -0 "$daemon_pid" 2>/dev/null; then
		cat "$1" >&2
		die "voisind ended before it answered (its log stands above)"
	fi
	if [ "$2" -gt 200 ]; then
		cat "$1" >&2
		die "voisind did not answer within 10 seconds (its log stands above)"
	fi
	sleep 0.05
}

# daemon_stop: SIGTERM, then wait until it has drained; SIGKILL and status 1 after 10 seconds.
daemon_stop() {
	local pid=$daemon_pid tries=0

	[ -n "$pid" ] || return 0
	daemon_pid=
	kill "$pid" 2>/dev/null || true
	while kill -0 "$pid" 2>/dev/null; do
		if [ $((tries += 1)) -gt 200 ]; then
			kill -KILL "$pid"
			return 1
		fi
		sleep 0.05
	done
	wait "$pid"
}
