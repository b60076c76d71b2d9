#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/pattern_scan.h"
#include "agent/base/pattern_translate.h"

/* The length of "[:alpha:]"; 0 when it is none, only a bracket. */
static size_t
posix_len(const char *text)
{
	static const char *const names[] = { "alpha", "lower", "upper", "alnum",
		"ascii", "blank", "cntrl", "digit", "graph", "print", "punct",
		"space", "word", "xdigit" };
	if (text[0] != '[' || text[1] != ':')
		return 0;
	const char *name = text + 2;
	if (*name == '^')
		name++;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);
		if (strncmp(name, names[i], len) == 0
			&& strncmp(name + len, ":]", 2) == 0)
			return (size_t)(name + len + 2 - text);
	}
	return 0;
}

/* A letter with the bytes that belong to it. */
static size_t
letter_len(const char *text)
{
	size_t len = 1;
	while (((unsigned char)text[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static bool
read_member(struct pattern_scan *scan, struct pattern_member *member)
{
	if (*scan->at == '\\')
		return pattern_escape_member(scan, member);
	size_t posix = posix_len(scan->at);
	*member = (struct pattern_member){
		.is_set = posix > 0,
		.text = scan->at,
		.len = posix > 0 ? posix : letter_len(scan->at),
	};
	if (posix > 0)
		scan->doubts |= PATTERN_DOUBT_POSIX;
	scan->at += member->len;
	return true;
}

static void
put_member(struct pattern_scan *scan, const struct pattern_member *member)
{
	if (member->is_coded) {
		buf_printf(scan->out, "\\x{%x}", (unsigned)member->character);
		return;
	}
	/* Alone, what could mean something; as it was written, what does. */
	if (member->len == 1 && strchr("[]^-\\:.=", *member->text))
		buf_add_char(scan->out, '\\');
	buf_add(scan->out, member->text, member->len);
}

/* One, or a range. */
static bool
take(struct pattern_scan *scan)
{
	struct pattern_member low;
	struct pattern_member high;
	const char *begin = scan->at;
	if (!read_member(scan, &low))
		return false;
	put_member(scan, &low);
	if (*scan->at != '-')
		return true;
	if (scan->at[1] == ']' || scan->at[1] == '\0') {
		buf_add_text(scan->out, "\\-");
		scan->at++;
		return true;
	}
	scan->at++;
	if (!read_member(scan, &high))
		return false;
	if (low.is_set || high.is_set)
		return pattern_scan_refuse(scan, begin,
			"bad range %.*s in a class", (int)(scan->at - begin),
			begin);
	buf_add_char(scan->out, '-');
	put_member(scan, &high);
	return true;
}

bool
pattern_class(struct pattern_scan *scan)
{
	pattern_scan_copy(scan, 1);
	if (*scan->at == '^')
		pattern_scan_copy(scan, 1);
	/* A bracket right at the start is one of the set. */
	do {
		if (*scan->at == '\0')
			return pattern_scan_refuse(scan, scan->at,
				"missing terminating ] for character class");
		if (!take(scan))
			return false;
	} while (*scan->at != ']');
	pattern_scan_copy(scan, 1);
	return true;
}
