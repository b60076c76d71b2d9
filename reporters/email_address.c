#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "reporters/email.h"

enum {
	LOCAL_MAX = 64,
	LABEL_MAX = 63,
};

static bool
has_only(const char *text, size_t len, const char *more)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
			|| (c >= 'A' && c <= 'Z') || strchr(more, c);
		if (!plain)
			return false;
	}
	return true;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* Dots stand between something (RFC 5321, Dot-string). */
static bool
is_dotted(const char *text, size_t len)
{
	bool begins = true;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '.' && begins)
			return false;
		begins = text[i] == '.';
	}
	return !begins;
}

static bool
is_domain(const char *text)
{
	size_t len = strlen(text);
	if (!has_only(text, len, "-.") || !is_dotted(text, len))
		return false;
	for (const char *at = text; at; at = strchr(at, '.')) {
		at += *at == '.';
		size_t label = strcspn(at, ".");
		if (label > LABEL_MAX || *at == '-' || at[label - 1] == '-')
			return false;
	}
	return true;
}

static bool
check_address(const char *text, struct err *err)
{
	const char *at = strrchr(text, '@');
	if (!at)
		return err_set(err,
			"\"%.80s\" is no address: me@example.net is one", text);
	size_t local = (size_t)(at - text);
	if (!is_ascii(text))
		return err_set(err,
			"\"%.80s\": an address is written in ASCII, an "
			"international domain in its form with xn--",
			text);
	if (strlen(text) > EMAIL_ADDRESS_MAX || local > LOCAL_MAX)
		return err_set(err,
			"\"%.80s...\" is too long for an address: %d bytes "
			"are the most, %d of them in front of the @",
			text, EMAIL_ADDRESS_MAX, LOCAL_MAX);
	if (!has_only(text, local, "!#$%&'*+-/=?^_`{|}~.")
		|| !is_dotted(text, local))
		return err_set(err,
			"\"%.80s\": in front of the @ stand letters, digits "
			"and single dots",
			text);
	if (!is_domain(at + 1))
		return err_set(err,
			"\"%.80s\": behind the @ stands a domain such as "
			"example.net",
			text);
	return true;
}

static const char *
trimmed(struct arena *arena, const char *text, size_t len)
{
	while (len > 0 && strchr(" \t", *text)) {
		text++;
		len--;
	}
	while (len > 0 && strchr(" \t", text[len - 1]))
		len--;
	return arena_dup_n(arena, text, len);
}

/* "My Name", with or without the quotes. */
static const char *
name_of(struct arena *arena, const char *text, size_t len)
{
	const char *name = trimmed(arena, text, len);
	size_t n = strlen(name);
	bool quoted = n >= 2 && name[0] == '"' && name[n - 1] == '"';
	return quoted ? trimmed(arena, name + 1, n - 2) : name;
}

bool
email_address_read(const char *text, struct arena *arena,
	struct email_address *address, struct err *err)
{
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return err_set(err,
				"an address must have no line ends or other "
				"control characters in it");
	const char *whole = trimmed(arena, text, strlen(text));
	size_t len = strlen(whole);
	const char *open = strrchr(whole, '<');
	*address = (struct email_address){ "", whole };
	if (open && len > 0 && whole[len - 1] == '>') {
		address->name = name_of(arena, whole, (size_t)(open - whole));
		address->address = arena_dup_n(
			arena, open + 1, len - (size_t)(open - whole) - 2);
	}
	return check_address(address->address, err);
}
