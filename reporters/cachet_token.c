/*
 * What stands at `token:`: the token itself, or a list of providers that are
 * tried in order.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/err.h"
#include "agent/base/str.h"
#include "agent/model/token.h"
#include "conf/suggest.h"
#include "reporters/cachet.h"

enum {
	PROVIDERS_MAX = 16,
	SHOWN_MAX = 40, /* bytes of what a user wrote */
};

/* What each type must have. */

static const struct conf_form forms[] = {
	{ "AWS_SECRETS_MANAGER", { "secret_name", "secret_key", "region" },
		"A key of a secret that AWS keeps." },
	{ "ENVIRONMENT_VARIABLE", { "value" },
		"A variable of the environment." },
	{ "TOKEN", { "value" }, "The token itself." },
	{ NULL, { NULL }, NULL },
};

/* Of each form. */
static const enum token_provider_kind kinds[] = { TOKEN_AWS, TOKEN_VARIABLE,
	TOKEN_TEXT };

enum {
	N_KINDS = sizeof(kinds) / sizeof(kinds[0]),
};

static const struct conf_shape region_shape = {
	.what = "a region of AWS, such as eu-central-1",
	.pattern = "^[a-z0-9-]+$",
};

static const struct conf_field fields[] = {
	{ .key = "type",
		.kind = CONF_KIND_STRING,
		.flags = CONF_REQUIRED | CONF_OF_OLD,
		.help = "What kind of provider it is." },
	{ .key = "value",
		.kind = CONF_KIND_STRING,
		.flags = CONF_SECRET | CONF_OF_OLD,
		.help = "The token, or the name of the variable." },
	{ .key = "secret_name",
		.kind = CONF_KIND_STRING,
		.flags = CONF_OF_OLD,
		.help = "The name or the ARN of the secret, which is a map in"
			" JSON." },
	{ .key = "secret_key",
		.kind = CONF_KIND_STRING,
		.flags = CONF_OF_OLD,
		.help = "The key in that map." },
	{ .key = "region",
		.kind = CONF_KIND_STRING,
		.flags = CONF_OF_OLD,
		.shape = &region_shape,
		.help = "Where AWS keeps the secret." },
	{ 0 },
};

const struct conf_section cachet_provider_section = {
	.name = "provider",
	.fields = fields,
	.of_old = true,
	.forms = forms,
};

/* A list. */

/** What is wrong with one provider; `key` is NULL when it is all of it. */
struct complaint {
	const char *key;
	struct err err;
};

static const struct conf_node *
node_at(const struct conf_node *map, const char *key)
{
	for (size_t i = 0; i < map->count; i++)
		if (str_eq(map->keys[i], key))
			return &map->items[i];
	return NULL;
}

static bool
wrong(struct complaint *complaint, const char *key)
{
	complaint->key = key;
	return false;
}

static bool
read_text(const struct conf_node *map, const char *type, const char *key,
	const char **text, struct complaint *complaint)
{
	const struct conf_node *node = node_at(map, key);
	if (!node || node->kind == CONF_NODE_NULL) {
		err_set(&complaint->err, "a provider of type %s needs %s", type,
			key);
		return wrong(complaint, node ? key : NULL);
	}
	if (node->kind == CONF_NODE_LIST || node->kind == CONF_NODE_MAP) {
		err_set(&complaint->err, "expected a text");
		return wrong(complaint, key);
	}
	*text = node->text;
	return true;
}

static bool
read_form(
	const struct conf_node *map, size_t *form, struct complaint *complaint)
{
	const char *types =
		"AWS_SECRETS_MANAGER, ENVIRONMENT_VARIABLE or TOKEN";
	if (map->kind != CONF_NODE_MAP) {
		err_set(&complaint->err,
			"expected a provider, such as {type: "
			"ENVIRONMENT_VARIABLE, value: CACHET_TOKEN}");
		return wrong(complaint, NULL);
	}
	const struct conf_node *node = node_at(map, "type");
	if (!node || node->kind == CONF_NODE_NULL || !node->text) {
		err_set(&complaint->err, "the type is missing: %s", types);
		return wrong(complaint, node ? "type" : NULL);
	}
	struct conf_suggestion near = { .word = node->text };
	for (size_t i = 0; i < N_KINDS; i++) {
		*form = i;
		if (str_eq(node->text, forms[i].type))
			return true;
		conf_suggest(&near, forms[i].type);
	}
	err_set(&complaint->err, "there is no provider %.*s; expected %s%s%s%s",
		SHOWN_MAX, node->text, types,
		near.best ? " (did you mean " : "", near.best ? near.best : "",
		near.best ? "?)" : "");
	return wrong(complaint, "type");
}

static bool
check_aws(const struct token_provider *provider, struct complaint *complaint)
{
	const char *region = provider->region;
	const char *letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
	if (*region == '\0' || region[strspn(region, letters)] != '\0') {
		err_set(&complaint->err,
			"expected a region of AWS, such as eu-central-1");
		return wrong(complaint, "region");
	}
	if (*provider->secret_name == '\0') {
		err_set(&complaint->err, "expected the name of a secret");
		return wrong(complaint, "secret_name");
	}
	return true;
}

static bool
read_provider(const struct conf_node *map, struct token_provider *provider,
	struct complaint *complaint)
{
	*provider = (struct token_provider){ 0 };
	size_t form;
	if (!read_form(map, &form, complaint))
		return false;
	const char *type = forms[form].type;
	provider->kind = kinds[form];
	if (provider->kind != TOKEN_AWS)
		return read_text(
			map, type, "value", &provider->value, complaint);
	return read_text(map, type, "secret_name", &provider->secret_name,
		       complaint)
		&& read_text(map, type, "secret_key", &provider->secret_key,
			complaint)
		&& read_text(map, type, "region", &provider->region, complaint)
		&& check_aws(provider, complaint);
}

static bool
is_known(const struct conf_form *form, const char *key)
{
	if (str_eq(key, "type") || str_starts(key, "x-"))
		return true;
	for (size_t i = 0; form->needs[i]; i++)
		if (str_eq(key, form->needs[i]))
			return true;
	return false;
}

/* The provider was read, so that its kind is known. */
static void
warn_of_unknown(
	const struct conf_node *map, size_t index, struct conf_reader *reader)
{
	struct complaint ignored;
	size_t form;
	if (!read_form(map, &form, &ignored))
		return;
	for (size_t i = 0; i < map->count; i++)
		if (!is_known(&forms[form], map->keys[i]))
			conf_warn(reader, "token",
				"provider %zu is of type %s and knows no "
				"%.*s, which is ignored",
				index + 1, forms[form].type, SHOWN_MAX,
				map->keys[i]);
}

static bool
check_count(const struct conf_node *list, struct err *err)
{
	if (list->count == 0)
		return err_set(err,
			"Token could not be found: the list has no providers");
	if (list->count > PROVIDERS_MAX)
		return err_set(
			err, "expected at most %d providers", PROVIDERS_MAX);
	return true;
}

/* One text. */

static bool
read_token(const struct conf_node *node, const char *env, struct arena *arena,
	const char **token, struct err *err)
{
	const char *text = env;
	if (node && node->kind == CONF_NODE_MAP)
		return err_set(err,
			"expected the token as a text, or a list of providers");
	if (!text && node && node->kind != CONF_NODE_NULL)
		text = node->text;

	const char *blanks = " \t\r\n";
	text = text ? text + strspn(text, blanks) : "";
	size_t len = strlen(text);
	while (len > 0 && strchr(blanks, text[len - 1]))
		len--;
	if (len == 0)
		return err_set(err,
			CACHET_MISSING "token; it stands in the profile of a "
				       "Cachet user");
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return err_set(err,
				"the token has a blank or a strange character "
				"in it");
	*token = arena_dup_n(arena, text, len);
	return true;
}

/* Both. */

void
cachet_token_check(const struct conf_node *node, const char *env,
	struct conf_reader *reader)
{
	struct err err;
	const char *ignored;
	if (!node || node->kind != CONF_NODE_LIST) {
		if (!read_token(node, env, conf_arena(reader), &ignored, &err))
			conf_reject(reader, "token", "%s", err.text);
		return;
	}
	if (!check_count(node, &err)) {
		conf_reject(reader, "token", "%s", err.text);
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		struct token_provider provider;
		struct complaint complaint;
		if (read_provider(&node->items[i], &provider, &complaint))
			warn_of_unknown(&node->items[i], i, reader);
		else
			conf_reject_item(reader, "token", i, complaint.key,
				"%s", complaint.err.text);
	}
}

bool
cachet_token_read(const struct conf_node *node, const char *env,
	struct arena *arena, struct token_source *source, struct err *err)
{
	bool is_list = node && node->kind == CONF_NODE_LIST;
	if (is_list && !check_count(node, err))
		return false;
	size_t count = is_list ? node->count : 1;
	struct token_provider *providers =
		arena_alloc(arena, count * sizeof(*providers));
	*source = (struct token_source){ providers, count };
	if (!is_list)
		return read_token(node, env, arena, &providers[0].value, err);
	for (size_t i = 0; i < count; i++) {
		struct complaint complaint;
		if (!read_provider(&node->items[i], &providers[i], &complaint))
			return err_set(err, "%s", complaint.err.text);
	}
	return true;
}
