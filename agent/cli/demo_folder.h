/*
 * A folder for the configuration and the state of `curlew demo`.
 */
#pragma once

#include <stdbool.h>

struct err;

enum {
	DEMO_PATH_SIZE = 1024,
};

struct demo_folder {
	char path[DEMO_PATH_SIZE];
	char config[DEMO_PATH_SIZE];
};

/** Makes it, with a configuration that watches the world at `where`. */
bool cli_folder_make(
	struct demo_folder *folder, const char *where, struct err *err);

/** Removes it and all that is in it. */
void cli_folder_remove(const struct demo_folder *folder);
