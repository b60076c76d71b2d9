#include "agent/base/log.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buf.h"
#include "agent/base/clock.h"

enum {
	LINE_MAX_LEN = 8192,
	END_MAX_LEN = 8, /* what ends a line that was cut */
	ESCAPED_MAX_LEN = 8, /* \u001b, \xc2\x9b */
	NUMBER_MAX_LEN = 32, /* with what is around it */
};

static _Atomic int threshold = LOG_INFO;
static struct log_look looks;

static const struct {
	const char *name;
	int priority; /* of syslog, for the journal */
	const char *colour;
} levels[] = {
	{ "debug", 7, "\033[2m" },
	{ "info", 6, "\033[32m" },
	{ "warn", 4, "\033[33m" },
	{ "error", 3, "\033[31m" },
};

static const char plain[] = "\033[0m";
static const char dim[] = "\033[2m";

void
log_threshold(enum log_level level)
{
	threshold = level;
}

void
log_set_look(const struct log_look *look)
{
	looks = *look;
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

/* Texts. */

/* The length of the UTF-8 character there; 0 when it is none. */
static size_t
utf8_len(const unsigned char *at)
{
	size_t len = at[0] < 0x80		? 1
		: at[0] >= 0xc2 && at[0] < 0xe0 ? 2
		: at[0] >= 0xe0 && at[0] < 0xf0 ? 3
		: at[0] >= 0xf0 && at[0] < 0xf5 ? 4
						: 0;
	for (size_t i = 1; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f)
		|| (at[0] == 0xf0 && at[1] < 0x90)
		|| (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return len;
}

static bool
has_room(const struct buf *line, size_t len)
{
	return line->len + len + END_MAX_LEN <= line->max;
}

/* Those of C1, by some of which terminals are ordered about, too. */
static bool
is_control(const unsigned char *at)
{
	return at[0] == 0xc2 && at[1] < 0xa0;
}

/* As logfmt. */

static void
add_quoted(struct buf *line, const char *text)
{
	buf_add_char(line, '"');
	const unsigned char *at = (const unsigned char *)text;
	while (*at != '\0' && has_room(line, ESCAPED_MAX_LEN)) {
		size_t len = utf8_len(at);
		if (*at == '"' || *at == '\\')
			buf_printf(line, "\\%c", *at);
		else if (*at == '\n')
			buf_add_text(line, "\\n");
		else if (*at < 0x20 || *at == 0x7f || len == 0)
			buf_printf(line, "\\x%02x", *at);
		else if (is_control(at))
			buf_printf(line, "\\x%02x\\x%02x", at[0], at[1]);
		else
			buf_add(line, at, len);
		at += len > 0 ? len : 1;
	}
	buf_add_char(line, '"');
}

static void
add_text(struct buf *line, const char *text)
{
	bool is_word = *text != '\0';
	for (const char *at = text; *at != '\0' && is_word; at++)
		is_word = *at > ' ' && *at != '"' && *at != '=' && *at != '\\'
			&& *at != 0x7f;
	if (is_word)
		buf_add_text(line, text);
	else
		add_quoted(line, text);
}

static void
add_logfmt(struct buf *line, enum log_level level, const char *now,
	const char *msg, const struct log_field *fields)
{
	const char *end = looks.colours ? plain : "";
	buf_printf(line,
		"%stime=%s%s level=%s%s%s msg=", looks.colours ? dim : "", now,
		end, looks.colours ? levels[level].colour : "",
		levels[level].name, end);
	add_quoted(line, msg);
	for (; fields->key; fields++) {
		buf_printf(line, " %s%s=%s", looks.colours ? dim : "",
			fields->key, end);
		if (fields->text)
			add_text(line, fields->text);
		else
			buf_printf(line, "%" PRId64, fields->number);
	}
}

/* As JSON, which stays JSON where it is cut. */

static void
add_json_text(struct buf *line, const char *text)
{
	buf_add_char(line, '"');
	const unsigned char *at = (const unsigned char *)text;
	while (*at != '\0' && has_room(line, ESCAPED_MAX_LEN)) {
		size_t len = utf8_len(at);
		if (*at == '"' || *at == '\\')
			buf_printf(line, "\\%c", *at);
		else if (*at == '\n')
			buf_add_text(line, "\\n");
		else if (*at < 0x20 || *at == 0x7f)
			buf_printf(line, "\\u%04x", *at);
		else if (len == 0)
			buf_add_text(line, "\\ufffd");
		else
			buf_add(line, at, len);
		at += len > 0 ? len : 1;
	}
	buf_add_char(line, '"');
}

static void
add_json(struct buf *line, enum log_level level, const char *now,
	const char *msg, const struct log_field *fields)
{
	buf_printf(line, "{\"time\":\"%s\",\"level\":\"%s\",\"msg\":", now,
		levels[level].name);
	add_json_text(line, msg);
	for (; fields->key; fields++) {
		if (!has_room(line, strlen(fields->key) + NUMBER_MAX_LEN))
			break;
		buf_printf(line, ",\"%s\":", fields->key);
		if (fields->text)
			add_json_text(line, fields->text);
		else
			buf_printf(line, "%" PRId64, fields->number);
	}
	buf_add_char(line, '}');
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
	if (looks.priorities)
		buf_printf(&line, "<%d>", levels[level].priority);
	if (looks.json)
		add_json(&line, level, now, msg, fields);
	else
		add_logfmt(&line, level, now, msg, fields);
	line.max = LINE_MAX_LEN;
	buf_add_char(&line, '\n');

	/* One write, so that lines of several threads do not mix. */
	ssize_t written = write(STDERR_FILENO, line.data, line.len);
	(void)written;
	buf_finish(&line);
}
