/*
 * Gives up, once all is open, what the agent does not need: system calls
 * (seccomp) and the file system (Landlock).  For good: neither the agent nor
 * anybody who took it over gets it back.
 *
 * Every feature works in it.  What does not: to run programs, to listen, to
 * send signals, to trace; to write anywhere but to the state; to read anywhere
 * but where the system, the configuration and what it names are.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** What the agent goes on to use.  Each path may be NULL or not be there. */
struct sandbox_settings {
	const char *config; /* its folder is read at a reload */
	const char *state; /* its folder is written */
	const char *socket; /* is removed at the end */
	const char *const *files; /* their folders are read */
	size_t n_files;
};

enum sandbox_parts {
	SANDBOX_CALLS = 1 << 0,
	SANDBOX_PATHS = 1 << 1,
};

/**
 * From now on, for this thread and those that it starts; it must be the only
 * one.  Says in the log what the kernel does not have, and goes on without.
 * Returns what is on, of enum sandbox_parts: nothing in a program that is
 * watched by a sanitizer or by valgrind.
 */
unsigned sandbox_enter(const struct sandbox_settings *settings);
