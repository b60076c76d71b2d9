#include "agent/cli/called.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/str.h"

static bool
is_same_file(const char *a, const char *b)
{
	struct stat left, right;
	return stat(a, &left) == 0 && stat(b, &right) == 0
		&& left.st_dev == right.st_dev && left.st_ino == right.st_ino;
}

/* The first one in $PATH is the one that is called. */
static bool
is_in_path(const char *self)
{
	const char *path = getenv("PATH");
	while (path && *path != '\0') {
		char found[CLI_CALLED_SIZE];
		int len = (int)strcspn(path, ":");
		snprintf(found, sizeof(found), "%.*s/curlew", len, path);
		if (len > 0 && access(found, X_OK) == 0)
			return is_same_file(found, self);
		path += len + (path[len] == ':');
	}
	return false;
}

void
cli_called(char name[static CLI_CALLED_SIZE])
{
	static const char self[] = "/proc/self/exe";
	char here[CLI_CALLED_SIZE];
	ssize_t len = readlink(self, name, CLI_CALLED_SIZE - 1);
	if (len <= 0 || is_in_path(self)) {
		str_copy(name, CLI_CALLED_SIZE, "curlew");
		return;
	}
	name[len] = '\0';
	size_t most = getcwd(here, sizeof(here)) ? strlen(here) : 0;
	if (most > 1 && str_starts(name, here) && name[most] == '/')
		memmove(name, name + most + 1, strlen(name + most));
}
