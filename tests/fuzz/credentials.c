/* A shared credentials file, a NUL, and what a place that has keys answers. */
#include <assert.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "agent/credentials_internal.h"
#include "tests/fuzz/fuzz.h"

#define OLD_SECRET "zq9SECRET" /* in no sentence of ours */

enum {
	STEPS_MAX = 10,
};

static const char *
on_variable(void *cookie, const char *name)
{
	(void)cookie;
	if (str_eq(name, "HOME"))
		return "/home/me";
	return str_eq(name, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ? "/keys"
								      : NULL;
}

static const char *
on_variable_of_instance(void *cookie, const char *name)
{
	(void)cookie;
	return str_eq(name, "HOME") ? "/home/me" : NULL;
}

static bool
on_file(void *cookie, const char *path, struct buf *text, bool *missing,
	struct err *err)
{
	(void)path;
	(void)err;
	*missing = false;
	buf_add_text(text, cookie);
	return true;
}

static void
check_word(const char *word)
{
	assert(*word != '\0' && strlen(word) <= CREDENTIALS_TEXT_MAX);
	for (; *word != '\0'; word++)
		assert(*word > ' ' && *word <= '~');
}

static void
check_keys(const struct credentials_keys *keys)
{
	check_word(keys->id);
	check_word(keys->secret);
	if (keys->session)
		check_word(keys->session);
}

static void
check_reason(const char *reason)
{
	assert(*reason != '\0');
	for (; *reason != '\0'; reason++)
		assert(*reason >= ' ' && *reason <= '~');
}

static struct credentials_keys
old_keys(void)
{
	struct credentials_keys keys = { 0 };
	bool good = credentials_keys_set(&keys, "AKID", OLD_SECRET, "TOKEN");
	assert(good);
	return keys;
}

/* Written down and read again, they are the same. */
static void
check_again(const struct credentials_keys *keys, struct arena *arena)
{
	char *text = arena_printf(arena,
		"[other]\naws_access_key_id=x\n[default]\n"
		"aws_access_key_id = %s\r\naws_secret_access_key=%s \n"
		"%s%s\n[last]\naws_access_key_id=y\n",
		keys->id, keys->secret,
		keys->session ? "AWS_SESSION_TOKEN\t=\t" : "",
		keys->session ? keys->session : "");
	const struct credentials_world world = {
		.variable = on_variable_of_instance,
		.file = on_file,
		.cookie = text,
	};
	struct credentials_keys again = { 0 };
	struct err err;
	assert(credentials_file_read(&world, &again, &err)
		== CREDENTIALS_FILE_KEYS);
	assert(str_eq(again.id, keys->id)
		&& str_eq(again.secret, keys->secret));
	assert(!again.session == !keys->session
		&& (!again.session || str_eq(again.session, keys->session)));
	credentials_keys_finish(&again);
}

static void
read_file(const struct credentials_world *world, struct arena *arena)
{
	struct credentials_keys keys = old_keys();
	struct err err = { "" };
	if (credentials_file_read(world, &keys, &err)
		== CREDENTIALS_FILE_KEYS) {
		check_keys(&keys);
		check_again(&keys, arena);
	} else {
		check_reason(err.text);
		assert(!strstr(err.text, OLD_SECRET));
		assert(str_eq(keys.secret, OLD_SECRET));
	}
	credentials_keys_finish(&keys);
}

static void
read_keys(const struct http_response *answer, struct arena *arena)
{
	struct credentials_keys keys = old_keys();
	struct err err = { "" };
	if (credentials_keys_read(&keys, answer, &err)) {
		check_keys(&keys);
		check_again(&keys, arena);
		assert(keys.expires_ms >= 0);
	} else {
		check_reason(err.text);
		assert(str_eq(keys.secret, OLD_SECRET));
	}
	credentials_keys_finish(&keys);
}

static void
read_secret(const struct http_response *answer, struct arena *arena)
{
	static const struct token_provider provider = {
		.kind = TOKEN_AWS,
		.secret_name = "cachet",
		.secret_key = "token",
		.region = "eu-west-1",
	};
	struct credentials_keys keys = old_keys();
	struct credentials_step step = { 0 };
	credentials_secret_read(&provider, &keys, answer, arena, &step);
	if (step.kind == CREDENTIALS_FOUND)
		check_word(step.token);
	else
		check_reason(step.reason.text);
	assert(step.kind != CREDENTIALS_SEND);
	assert(!strstr(step.reason.text, OLD_SECRET));
	credentials_keys_finish(&keys);
}

/* Every question gets the same answer; it comes to an end nevertheless. */
static void
search(const struct credentials_world *world,
	const struct http_response *answer, struct arena *arena)
{
	struct credentials_keys keys = { 0 };
	struct credentials_chain chain;
	struct credentials_step step;
	int steps = 0;
	credentials_chain_init(&chain, world, &keys, arena);
	credentials_chain_step(&chain, NULL, &step);
	while (step.kind == CREDENTIALS_SEND) {
		assert(++steps <= STEPS_MAX);
		assert(str_starts(step.request.url, "http://169.254."));
		for (size_t i = 0; i < step.request.n_headers; i++)
			assert(!strpbrk(step.request.headers[i].value, "\r\n"));
		credentials_chain_step(&chain, answer, &step);
	}
	if (step.kind == CREDENTIALS_FOUND)
		check_keys(&keys);
	else
		check_reason(step.reason.text);
	credentials_keys_finish(&keys);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 200, 400, 404, 429, 500 };
	struct fuzz_parts parts;
	fuzz_split(data, size, &parts);
	struct arena *arena = arena_new();
	const struct http_response answer = {
		.status = statuses[size % 6],
		.headers = "HTTP/1.1 200 OK\r\n",
		.body = arena_dup_n(arena, parts.bytes, parts.len),
		.body_len = parts.len,
	};
	struct credentials_world world = { on_variable, on_file, parts.text };
	read_file(&world, arena);
	read_keys(&answer, arena);
	read_secret(&answer, arena);
	search(&world, &answer, arena);
	world.variable = on_variable_of_instance;
	search(&world, &answer, arena);
	arena_free(arena);
	fuzz_free(&parts);
	return 0;
}
