/*
 * Files that are written whole or not at all.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;

enum {
	CLI_REPLACE_PATH_SIZE = 4096,
};

/**
 * Write a file that is not there yet, readable as `like` is, or by its owner
 * alone when `like` is NULL.  On disk when it returns true; no trace of it
 * when it returns false.
 */
bool cli_file_create(const char *path, const char *like, const char *bytes,
	size_t len, struct err *err);

/**
 * Put other content into a file; links to it stay links.  What was in it
 * stands in `backup` afterwards, a file beside it that was not there before.
 */
bool cli_file_replace(const char *path, const char *bytes, size_t len,
	char backup[static CLI_REPLACE_PATH_SIZE], struct err *err);
