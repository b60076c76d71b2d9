#include "agent/credentials_internal.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/crypto.h>

#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "reporters/payload.h"

enum {
	CODE_MAX = 60, /* bytes of it that are shown */
};

static void
forget(char *secret)
{
	if (secret)
		OPENSSL_cleanse(secret, strlen(secret));
	free(secret);
}

void
credentials_keys_finish(struct credentials_keys *keys)
{
	forget(keys->id);
	forget(keys->secret);
	forget(keys->session);
	*keys = (struct credentials_keys){ 0 };
}

bool
credentials_keys_set(struct credentials_keys *keys, const char *id,
	const char *secret, const char *session)
{
	struct arena *arena = arena_new_small();
	id = credentials_trim(id, arena);
	secret = credentials_trim(secret, arena);
	session = credentials_trim(session ? session : "", arena);
	bool good = id && *id != '\0' && secret && *secret != '\0' && session;
	if (good) {
		credentials_keys_finish(keys);
		keys->id = mem_dup(id);
		keys->secret = mem_dup(secret);
		keys->session = *session != '\0' ? mem_dup(session) : NULL;
	}
	arena_free(arena);
	return good;
}

bool
credentials_keys_last(const struct credentials_keys *keys, int64_t now_ms)
{
	return keys->id && keys->expires_ms - CREDENTIALS_EARLY_MS > now_ms;
}

bool
credentials_keys_work(const struct credentials_keys *keys, int64_t now_ms)
{
	return keys->id && keys->expires_ms > now_ms;
}

static const char *
text_at(const json_t *root, const char *key)
{
	const char *text = json_string_value(json_object_get(root, key));
	return text ? text : "";
}

/* Such as {"Code": "AssumeRoleUnauthorizedAccess", "Message": "..."}. */
static bool
is_refusal(const json_t *root, struct err *err)
{
	const char *code = text_at(root, "Code");
	if (*code == '\0' || str_eq(code, "Success"))
		return false;
	struct arena *arena = arena_new_small();
	err_set(err, "it says %s", credentials_words(code, CODE_MAX, arena));
	arena_free(arena);
	return true;
}

bool
credentials_keys_read(struct credentials_keys *keys,
	const struct http_response *answer, struct err *err)
{
	json_t *root = payload_read(answer);
	if (!json_is_object(root)) {
		json_decref(root);
		return err_set(err, "it is not JSON");
	}
	bool good = !is_refusal(root, err);
	if (good
		&& !credentials_keys_set(keys, text_at(root, "AccessKeyId"),
			text_at(root, "SecretAccessKey"),
			text_at(root, "Token")))
		good = err_set(err, "there are no keys in it");
	if (good && !clock_read(text_at(root, "Expiration"), &keys->expires_ms))
		keys->expires_ms = 0;
	json_decref(root);
	return good;
}
