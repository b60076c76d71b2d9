#include "agent/base/log.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"

enum {
	LINE_MAX_LEN = 8192,
};

static _Atomic int threshold = LOG_INFO;

static const char *const names[] = { "debug", "info", "warn", "error" };

void
log_threshold(enum log_level level)
{
	threshold = level;
}

struct log_field
log_text(const char *key, const char *text)
{
	return (struct log_field){ .key = key, .text = text ? text : "" };
}

struct log_field
log_int(const char *key, int64_t number)
{
	return (struct log_field){ .key = key, .number = number };
}

static void
add_quoted(struct buf *line, const char *text)
{
	buf_add_char(line, '"');
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			buf_printf(line, "\\%c", c);
		else if (c == '\n')
			buf_add_text(line, "\\n");
		else if (c < 0x20 || c == 0x7f)
			buf_printf(line, "\\x%02x", c);
		else
			buf_add_char(line, (char)c);
	}
	buf_add_char(line, '"');
}

static void
add_text(struct buf *line, const char *text)
{
	bool plain = *text != '\0';
	for (const char *at = text; *at != '\0' && plain; at++)
		plain = *at > ' ' && *at != '"' && *at != '=' && *at != '\\'
			&& *at != 0x7f;
	if (plain)
		buf_add_text(line, text);
	else
		add_quoted(line, text);
}

void
log_write(enum log_level level, const char *msg, const struct log_field *fields)
{
	if ((int)level < threshold || level >= LOG_SILENT)
		return;

	char now[CLOCK_TEXT_SIZE];
	clock_text(clock_wall_ms(), now);

	struct buf line;
	buf_init(&line, LINE_MAX_LEN - 1);
	buf_printf(&line, "time=%s level=%s msg=", now, names[level]);
	add_quoted(&line, msg);
	for (; fields->key; fields++) {
		buf_printf(&line, " %s=", fields->key);
		if (fields->text)
			add_text(&line, fields->text);
		else
			buf_printf(&line, "%" PRId64, fields->number);
	}
	line.max = LINE_MAX_LEN;
	buf_add_char(&line, '\n');

	/* One write, so that lines of several threads do not mix. */
	ssize_t written = write(STDERR_FILENO, line.data, line.len);
	(void)written;
	buf_finish(&line);
}
