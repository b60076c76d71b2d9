#include "agent/credentials_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "agent/base/arena.h"

enum {
	STATUS_TIMEOUT = 408,
	STATUS_TOO_MANY = 429,
};

void
credentials_fail(struct credentials_step *step, const char *format, ...)
{
	*step = (struct credentials_step){ .kind = CREDENTIALS_FAILED };
	va_list args;
	va_start(args, format);
	vsnprintf(step->reason.text, sizeof(step->reason.text), format, args);
	va_end(args);
}

bool
credentials_fail_passing(struct credentials_step *step, const char *who,
	const struct http_response *answer)
{
	int status = answer->status;
	if (status == 0)
		credentials_fail(
			step, "%s did not answer: %s", who, answer->detail);
	else if (answer->fail != HTTP_FAIL_NONE)
		credentials_fail(step, "the answer of %s was cut short: %s",
			who, answer->detail);
	else if (status == STATUS_TIMEOUT || status == STATUS_TOO_MANY
		|| status >= 500)
		credentials_fail(step, "%s answered %d", who, status);
	else
		return false;
	step->passing = true;
	return true;
}

const char *
credentials_words(const char *text, size_t max, struct arena *arena)
{
	size_t len = strlen(text);
	char *words = arena_dup_n(arena, text, len < max ? len : max);
	for (char *at = words; *at != '\0'; at++)
		if (*at < ' ' || *at > '~')
			*at = *at == '\n' || *at == '\t' ? ' ' : '?';
	return words;
}

const char *
credentials_variable(const struct credentials_world *world, const char *name)
{
	const char *value = world->variable(world->cookie, name);
	return value && *value != '\0' ? value : NULL;
}

const char *
credentials_trim(const char *text, struct arena *arena)
{
	const char *blanks = " \t\r\n";
	text += strspn(text, blanks);
	size_t len = strlen(text);
	while (len > 0 && strchr(blanks, text[len - 1]))
		len--;
	if (len > CREDENTIALS_TEXT_MAX)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return NULL;
	return arena_dup_n(arena, text, len);
}
