#include "conf/secret.h"

#include <ctype.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/str.h"
#include "conf/schema.h"
#include "conf/yaml.h"

static bool
holds_word(const char *name, const char *word)
{
	for (; *name != '\0'; name++)
		if (str_istarts(name, word))
			return true;
	return false;
}

bool
conf_is_secret_name(const char *name)
{
	static const char *const words[] = { "auth", "cookie", "credential",
		"key", "pass", "secret", "session", "signature", "token" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (holds_word(name, words[i]))
			return true;
	return false;
}

bool
conf_is_secret_pair(const struct conf_yaml_item *pair)
{
	if (conf_is_secret_name(pair->key))
		return true;
	return conf_yaml_is_scalar(&pair->value)
		&& strstr(pair->value.text, "${") != NULL;
}

const char *
conf_without_user(const char *url, struct arena *arena)
{
	const char *start = strstr(url, "://");
	start = start ? start + strlen("://") : url;
	size_t host = strcspn(start, "/?#");
	const char *at = NULL;
	for (size_t i = 0; i < host; i++)
		if (start[i] == '@')
			at = start + i;
	if (!at)
		return url;
	return arena_printf(arena, "%.*s%s", (int)(start - url), url, at + 1);
}

void
conf_check_strength(struct conf_reader *reader, const char *key,
	const char *secret, size_t min)
{
	if (secret && *secret == '\0')
		conf_reject(reader, key, "is empty: anybody could come in");
	else if (secret && strlen(secret) < min)
		conf_warn(reader, key,
			"is shorter than %zu characters, and may be guessed",
			min);
}
