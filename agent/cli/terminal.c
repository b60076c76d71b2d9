#include "agent/cli/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "agent/base/str.h"

enum {
	COLUMNS_USUAL = 80,
};

bool
cli_has_colours(int fd)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return isatty(fd) && !(no && no[0] != '\0')
		&& !(term && str_eq(term, "dumb"));
}

int
cli_columns(int fd)
{
	struct winsize size;
	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return COLUMNS_USUAL;
	return size.ws_col;
}
