/*
 *     pattern_translate -> scan_all -> step -> take_group -> take_flags
 *                                           -> take_brace
 *                                           -> pattern_escape, pattern_class
 */
#include "agent/base/pattern_translate.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/buf.h"
#include "agent/base/err.h"
#include "agent/base/pattern_scan.h"

static const char nothing[] = "(?#)"; /* parts what must not touch */

bool
pattern_scan_refuse(
	struct pattern_scan *scan, const char *at, const char *format, ...)
{
	char why[160];
	va_list args;
	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return err_set(scan->err, "not a regular expression: %s, at offset %zu",
		why, (size_t)(at - scan->text));
}

void
pattern_scan_copy(struct pattern_scan *scan, size_t len)
{
	buf_add(scan->out, scan->at, len);
	scan->at += len;
}

void
pattern_scan_copy_to(struct pattern_scan *scan, char mark)
{
	const char *found = strchr(scan->at, mark);
	pattern_scan_copy(scan,
		found ? (size_t)(found - scan->at) + 1 : strlen(scan->at));
}

static bool
open_group(struct pattern_scan *scan, bool verbose)
{
	if (scan->depth == PATTERN_SCAN_DEPTH_MAX)
		return pattern_scan_refuse(
			scan, scan->at, "parentheses are nested too deeply");
	scan->outer_verbose[scan->depth++] = scan->verbose;
	scan->verbose = verbose;
	scan->has_begun = true;
	return true;
}

static void
close_group(struct pattern_scan *scan)
{
	pattern_scan_copy(scan, 1);
	/* One too many is PCRE2's to refuse. */
	if (scan->depth > 0)
		scan->verbose = scan->outer_verbose[--scan->depth];
}

/* Letters such as those in (?im); false for one that cannot be. */
static bool
read_flags(struct pattern_scan *scan, bool may_be_unicode, unsigned *flags)
{
	*flags = 0;
	for (;; scan->at++) {
		switch (*scan->at) {
		case 'i':
			*flags |= PATTERN_SCAN_I;
			break;
		case 'm':
			*flags |= PATTERN_SCAN_M;
			break;
		case 's':
			*flags |= PATTERN_SCAN_S;
			break;
		case 'x':
			*flags |= PATTERN_SCAN_X;
			break;
		case 'u':
			if (!may_be_unicode)
				return pattern_scan_refuse(scan, scan->at,
					"all text is Unicode, so u cannot be"
					" turned off");
			break;
		case 'a':
			return pattern_scan_refuse(scan, scan->at,
				"classes are of Unicode, so (?a) is not"
				" possible");
		case 'L':
			return pattern_scan_refuse(scan, scan->at,
				"text has no locale, so (?L) is not possible");
		default:
			return true;
		}
	}
}

static void
put_flags(struct pattern_scan *scan, unsigned flags)
{
	if (flags & PATTERN_SCAN_I)
		buf_add_char(scan->out, 'i');
	if (flags & PATTERN_SCAN_M)
		buf_add_char(scan->out, 'm');
	if (flags & PATTERN_SCAN_S)
		buf_add_char(scan->out, 's');
}

/* (?i) is for the pattern as a whole, wherever it stands. */
static bool
take_flags_of_all(struct pattern_scan *scan, unsigned flags)
{
	scan->at++;
	if ((flags & PATTERN_SCAN_X) && !scan->all_verbose) {
		scan->must_restart = true;
		return false;
	}
	if (scan->has_begun)
		scan->doubts |= PATTERN_DOUBT_FLAGS;
	scan->flags |= flags;
	buf_add_text(scan->out, nothing);
	return true;
}

/* Behind "(?": "i)", or "i-s:" and what belongs to it. */
static bool
take_flags(struct pattern_scan *scan)
{
	unsigned on;
	unsigned off = 0;
	if (!read_flags(scan, true, &on))
		return false;
	if (*scan->at == ')')
		return take_flags_of_all(scan, on);
	bool has_off = *scan->at == '-';
	if (has_off) {
		scan->at++;
		if (!read_flags(scan, false, &off))
			return false;
	}
	if (*scan->at != ':')
		return pattern_scan_refuse(scan, scan->at,
			"expected flags such as (?i) or (?i-s:...)");
	if ((has_off && off == 0) || (on & off))
		return pattern_scan_refuse(scan, scan->at,
			"flags that are turned off must not be none, nor"
			" turned on as well");
	scan->at++;
	buf_add_text(scan->out, "(?");
	put_flags(scan, on);
	if (off & ~(unsigned)PATTERN_SCAN_X)
		buf_add_char(scan->out, '-');
	put_flags(scan, off);
	buf_add_char(scan->out, ':');
	return open_group(scan,
		(scan->verbose || (on & PATTERN_SCAN_X))
			&& !(off & PATTERN_SCAN_X));
}

/* (?(1)...), (?(name)...); PCRE2 could take a name for something else. */
static bool
take_condition(struct pattern_scan *scan)
{
	const char *name = scan->at + 3;
	size_t len = strcspn(name, ")");
	if (*name == '?' || name[len] == '\0') {
		pattern_scan_copy(scan, 2); /* PCRE2 knows (?(?=...)...) */
		return open_group(scan, scan->verbose);
	}
	bool is_number = strspn(name, "0123456789") == len;
	bool is_marked = strchr("<'", *name) != NULL;
	buf_printf(scan->out,
		is_number || is_marked ? "(?(%.*s)" : "(?(<%.*s>)", (int)len,
		name);
	scan->at = name + len + 1;
	return open_group(scan, scan->verbose);
}

/* (?P...) */
static bool
take_extension(struct pattern_scan *scan)
{
	switch (scan->at[3]) {
	case '<':
		pattern_scan_copy_to(scan, '>');
		return open_group(scan, scan->verbose);
	case '=':
	case '>':
		scan->has_begun = true;
		pattern_scan_copy_to(scan, ')');
		return true;
	default:
		return pattern_scan_refuse(scan, scan->at,
			"unknown extension; expected (?P<name>...) or"
			" (?P=name)");
	}
}

/* (?<...): a look behind, or a name. */
static bool
take_angle(struct pattern_scan *scan)
{
	if (scan->at[3] == '=' || scan->at[3] == '!')
		pattern_scan_copy(scan, 4);
	else
		pattern_scan_copy_to(scan, '>');
	return open_group(scan, scan->verbose);
}

static bool
take_comment(struct pattern_scan *scan)
{
	const char *end = strchr(scan->at, ')');
	if (!end)
		return pattern_scan_refuse(
			scan, scan->at, "missing ) at the end of a comment");
	buf_add_text(scan->out, nothing);
	scan->at = end + 1;
	return true;
}

/* Recursion and such, which only PCRE2 knows. */
static bool
is_call(const char *text)
{
	if (*text == '-' || *text == '+')
		text++;
	return isdigit((unsigned char)*text) || *text == 'R' || *text == '&';
}

static bool
take_group(struct pattern_scan *scan)
{
	if (scan->at[1] == '*')
		return pattern_scan_refuse(
			scan, scan->at + 1, "nothing to repeat");
	if (scan->at[1] != '?') {
		pattern_scan_copy(scan, 1);
		return open_group(scan, scan->verbose);
	}
	switch (scan->at[2]) {
	case ':':
	case '=':
	case '!':
	case '>':
	case '|':
		pattern_scan_copy(scan, 3);
		return open_group(scan, scan->verbose);
	case 'P':
		return take_extension(scan);
	case '<':
		return take_angle(scan);
	case '(':
		return take_condition(scan);
	case '#':
		return take_comment(scan);
	default:
		break;
	}
	if (is_call(scan->at + 2)) {
		scan->has_begun = true;
		pattern_scan_copy_to(scan, ')');
		return true;
	}
	scan->at += 2;
	return take_flags(scan);
}

/* A quantifier as Python reads it, or a brace. */
static void
take_brace(struct pattern_scan *scan)
{
	static const char digits[] = "0123456789";
	const char *low = scan->at + 1;
	size_t low_len = strspn(low, digits);
	const char *end = low + low_len;
	bool has_comma = *end == ',';
	if (has_comma) {
		end++;
		end += strspn(end, digits);
	}
	scan->has_begun = true;
	if (*end != '}' || (low_len == 0 && !has_comma)) {
		buf_add_char(scan->out, '\\');
		pattern_scan_copy(scan, 1);
		return;
	}
	pattern_scan_copy(scan, 1);
	if (low_len == 0)
		buf_add_char(scan->out, '0');
	pattern_scan_copy(scan, (size_t)(end + 1 - scan->at));
}

static bool
is_blank(char c)
{
	return c != '\0' && strchr(" \t\n\r\v\f", c);
}

/* Blanks and comments, where they do not count. */
static void
skip(struct pattern_scan *scan)
{
	while (is_blank(*scan->at) || *scan->at == '#') {
		if (*scan->at == '#')
			scan->at += strcspn(scan->at, "\n");
		else
			scan->at++;
	}
	buf_add_text(scan->out, nothing);
}

static bool
step(struct pattern_scan *scan)
{
	char c = *scan->at;
	if (scan->verbose && (is_blank(c) || c == '#')) {
		skip(scan);
		return true;
	}
	if (c == '(')
		return take_group(scan);
	scan->has_begun = true;
	if (c == '\\')
		return pattern_escape(scan);
	if (c == '[')
		return pattern_class(scan);
	if (c == '{')
		take_brace(scan);
	else if (c == ')')
		close_group(scan);
	else
		pattern_scan_copy(scan, 1);
	return true;
}

static void
note_origin(struct pattern_scan *scan)
{
	if (scan->out->len <= scan->wanted)
		scan->origin = (size_t)(scan->at - scan->text);
}

/* Once through the text, with these flags in front. */
static bool
scan_all(struct pattern_scan *scan, unsigned flags)
{
	buf_clear(scan->out);
	scan->at = scan->text;
	scan->verbose = scan->all_verbose;
	scan->doubts = scan->flags = 0;
	scan->must_restart = scan->has_begun = false;
	scan->depth = 0;
	if (flags & (PATTERN_SCAN_I | PATTERN_SCAN_M)) {
		buf_add_text(scan->out, "(?");
		put_flags(scan, flags);
		buf_add_char(scan->out, ')');
	}
	while (*scan->at != '\0') {
		note_origin(scan);
		if (!step(scan))
			return false;
	}
	note_origin(scan);
	return true;
}

/*
 * Flags count from the start on, wherever they are found, so it is gone over
 * again with those that were.
 */
static bool
translate(struct pattern_scan *scan)
{
	if (!scan_all(scan, 0)) {
		if (!scan->must_restart)
			return false;
		scan->all_verbose = true;
		if (!scan_all(scan, 0))
			return false;
	}
	return scan->flags == 0 || scan_all(scan, scan->flags);
}

bool
pattern_translate(
	const char *text, struct buf *out, unsigned *doubts, struct err *err)
{
	struct pattern_scan scan = { .text = text, .out = out, .err = err };
	bool good = translate(&scan);
	*doubts = scan.doubts;
	return good;
}

size_t
pattern_translate_origin(const char *text, size_t at)
{
	struct err err;
	struct buf out;
	struct pattern_scan scan = {
		.text = text,
		.out = &out,
		.err = &err,
		.wanted = at,
	};
	buf_init(&out,
		strlen(text) * PATTERN_TRANSLATE_GROWTH
			+ PATTERN_TRANSLATE_HEAD);
	translate(&scan);
	buf_finish(&out);
	return scan.origin;
}
