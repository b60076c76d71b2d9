/* From what others search for to what we match from the start of a body. */
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "conf/import_parts.h"

enum {
	PATTERN_MAX = 64 * 1024,
};

static const char special[] = "\\^$.|?*+()[]{}";

static void
add_literal(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\0' && strchr(special, text[i]))
			buf_add_char(out, '\\');
		buf_add_char(out, text[i]);
	}
}

const char *
conf_import_literal(struct arena *arena, const char *text, bool without)
{
	struct buf out;
	buf_init(&out, PATTERN_MAX);
	buf_add_text(&out, without ? "(?!.*" : ".*");
	add_literal(&out, text, strlen(text));
	buf_add_text(&out, without ? ")" : "");
	const char *pattern = arena_dup(arena, out.data);
	buf_finish(&out);
	return pattern;
}

/* Flags in front of all of it: "(?im)". */
static bool
read_flags(
	const char **text, struct buf *flags, bool *many_lines, struct err *err)
{
	bool dot_all = false;
	if (str_starts(*text, "(?")) {
		const char *at = *text + 2;
		size_t len = strspn(at, "ims");
		if (len > 0 && at[len] == ')') {
			dot_all = memchr(at, 's', len) != NULL;
			*many_lines = memchr(at, 'm', len) != NULL;
			buf_add(flags, at, len);
			*text = at + len + 1;
		}
	}
	if (strstr(*text, "(?U"))
		return err_set(err, "(?U) is unknown here");
	buf_add_text(flags, dot_all ? "" : "-s");
	return true;
}

/* A class such as [^]a-z], as it is. */
static const char *
add_class(struct buf *out, const char *at)
{
	const char *from = at++;
	at += *at == '^';
	at += *at == ']';
	while (*at != '\0' && *at != ']') {
		if (str_starts(at, "[:") && strstr(at, ":]"))
			at = strstr(at, ":]") + 1;
		else if (*at == '\\' && at[1] != '\0')
			at++;
		at++;
	}
	at += *at == ']';
	buf_add(out, from, (size_t)(at - from));
	return at;
}

/* From a backslash on. */
static const char *
add_escape(struct buf *out, const char *at)
{
	if (str_starts(at, "\\Q")) {
		const char *end = strstr(at + 2, "\\E");
		size_t len = end ? (size_t)(end - at - 2) : strlen(at + 2);
		add_literal(out, at + 2, len);
		return at + 2 + len + (end ? 2 : 0);
	}
	size_t len = at[1] != '\0' ? 2 : 1;
	buf_add(out, at, len);
	return at + len;
}

/* "(?i)" in the middle counts from there on; we know none such. */
static bool
is_inner_flag(const char *at)
{
	if (!str_starts(at, "(?"))
		return false;
	at += 2;
	size_t len = strspn(at, "imsU-");
	return len > 0 && at[len] == ')';
}

static bool
add_pattern(struct buf *out, const char *at, bool many_lines, struct err *err)
{
	while (*at != '\0') {
		if (is_inner_flag(at))
			return err_set(err,
				"flags such as (?i) are for the whole of it");
		if (*at == '\\') {
			at = add_escape(out, at);
		} else if (*at == '[') {
			at = add_class(out, at);
		} else if (*at == '$' && !many_lines) {
			/* Here it would also be before a last line end. */
			buf_add_text(out, "\\z");
			at++;
		} else if (str_starts(at, "(?<") && at[3] != '='
			&& at[3] != '!') {
			buf_add_text(out, "(?P<");
			at += 3;
		} else {
			buf_add_char(out, *at++);
		}
	}
	return true;
}

const char *
conf_import_go_pattern(
	struct conf_importer *importer, const char *text, struct err *err)
{
	struct buf out, flags;
	bool many_lines = false;
	const char *whole = text;
	buf_init(&out, PATTERN_MAX);
	buf_init(&flags, PATTERN_MAX);
	bool good = read_flags(&text, &flags, &many_lines, err);
	bool plain = whole == text && text[strcspn(text, special)] == '\0';
	if (plain)
		buf_add_text(&out, ".*");
	else
		buf_printf(&out, ".*(?%s:", flags.data);
	good = good && add_pattern(&out, text, many_lines, err);
	buf_add_text(&out, plain ? "" : ")");
	if (good && out.full)
		good = err_set(err, "it is too long");
	const char *pattern = arena_dup(importer->arena, out.data);
	buf_finish(&out);
	buf_finish(&flags);
	bool (*check)(const char *, struct err *) =
		importer->options->is_pattern;
	good = good && (!check || check(pattern, err));
	return good ? pattern : NULL;
}
