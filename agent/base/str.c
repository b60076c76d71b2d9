#include "agent/base/str.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool
str_ieq(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

bool
str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
str_istarts(const char *text, const char *prefix)
{
	return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *text, const char *suffix)
{
	size_t len = strlen(text);
	size_t suffix_len = strlen(suffix);
	return len >= suffix_len
		&& strcmp(text + len - suffix_len, suffix) == 0;
}

bool
str_copy(char *to, size_t size, const char *from)
{
	size_t len = strlen(from);
	size_t fits = len < size ? len : size - 1;
	while (fits < len && fits > 0
		&& ((unsigned char)from[fits] & 0xc0) == 0x80)
		fits--;
	memcpy(to, from, fits);
	to[fits] = '\0';
	return fits == len;
}

bool
str_int(const char *text, int64_t *number)
{
	const char *digits = text + (*text == '-' || *text == '+');
	if (!isdigit((unsigned char)*digits))
		return false;
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*number = value;
	return true;
}

bool
str_number(const char *text, double *number)
{
	if (text[strspn(text, "+-.0123456789eE")] != '\0' || *text == '\0')
		return false;
	char *end;
	double value = strtod(text, &end);
	if (*end != '\0' || !isfinite(value))
		return false;
	*number = value;
	return true;
}
