/*
 * Where the control socket is, and how its two sides come to hold it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct err;

enum {
	CONTROL_PATH_SIZE = 4096,
};

/**
 * $RUNTIME_DIRECTORY/curlew.sock, else beside the state file.  False when the
 * state is not a file, or the path does not fit.
 */
bool control_address_path(
	const char *state, char path[static CONTROL_PATH_SIZE]);

/** The same, without a look at the environment. */
bool control_address_beside(
	const char *state, char path[static CONTROL_PATH_SIZE]);

/**
 * Listen at `path`, for the owner of the process only.  What a dead process
 * left there is replaced; a socket at which somebody answers, or another kind
 * of file, is not.  -1 on failure.
 */
int control_address_listen(const char *path, struct err *err);

/**
 * The other side: a connected socket, or -1 with errno.  It blocks, for as long
 * as told: errno is then EAGAIN, in what is sent and received as well.
 */
int control_address_connect(
	const char *path, int64_t patience_ms, struct err *err);
