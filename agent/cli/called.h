/*
 * How this program can be called from where it was.
 */
#pragma once

enum {
	CLI_CALLED_SIZE = 4096,
};

/** "curlew" where the shell finds it so, else its path. */
void cli_called(char name[static CLI_CALLED_SIZE]);
