#include "agent/cli/terminal.h"

#include <stdio.h>
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

/* Text from the network must not talk to the terminal. */
static int
harmless(unsigned char c)
{
	if (c == '\t' || c == '\n')
		return ' ';
	return c < ' ' || c == 0x7f ? '?' : c;
}

void
cli_print(const char *text, const char *indent)
{
	fputs(indent, stdout);
	for (; *text != '\0'; text++)
		if (*text == '\n')
			printf("\n%s", text[1] != '\0' ? indent : "");
		else if (*text != '\r')
			putchar(harmless((unsigned char)*text));
}

/* Columns, not bytes, as far as one can tell: characters. */
int
cli_width(const char *text)
{
	int width = 0;
	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void
cli_print_padded(const char *text, int width)
{
	for (const char *at = text; *at != '\0'; at++)
		putchar(harmless((unsigned char)*at));
	for (int used = cli_width(text); used < width; used++)
		putchar(' ');
}
