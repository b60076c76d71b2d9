#include <stdio.h>
#include <string.h>

#include "agent/base/arena.h"
#include "agent/base/buf.h"
#include "agent/base/str.h"
#include "reporters/cachet.h"
#include "reporters/outcome.h"
#include "reporters/payload.h"

enum {
	CONNECT_MS = 5 * 1000,
	BODY_MAX = 4 * 1024 * 1024, /* a list brings incidents as a whole */
	WORDS_MAX = 160,
	OWN_HEADERS = 3,
};

static struct http_header
token_header(const struct cachet *cachet, struct arena *arena)
{
	if (cachet->generation != CACHET_3)
		return (struct http_header){ "X-Cachet-Token", cachet->token };
	return (struct http_header){ "Authorization",
		arena_printf(arena, "Bearer %s", cachet->token) };
}

static void
ask(const struct cachet *cachet, struct arena *arena, const char *method,
	const char *path, bool has_body, struct reporter_step *step)
{
	struct http_header *headers = arena_alloc(arena,
		(OWN_HEADERS + cachet->way.headers.count) * sizeof(*headers));
	headers[0] = (struct http_header){ "Accept", "application/json" };
	headers[1] = token_header(cachet, arena);
	size_t n_own = 2;
	if (has_body)
		headers[n_own++] = (struct http_header){ "Content-Type",
			"application/json" };

	int64_t timeout_ms = cachet->timeout_ms;
	*step = (struct reporter_step){
		.kind = STEP_SEND,
		.request = {
			.method = method,
			.url = arena_printf(arena, "%s%s", cachet->root, path),
			.headers = headers,
			.n_headers = n_own,
			.connect_ms = timeout_ms < CONNECT_MS ? timeout_ms
							      : CONNECT_MS,
			.total_ms = timeout_ms,
			.body_max = BODY_MAX,
			.cut_body = true,
		},
	};
	cachet_way_take(&cachet->way, headers, &step->request);
}

void
cachet_call_get(const struct cachet *cachet, struct arena *arena,
	const char *path, struct reporter_step *step)
{
	ask(cachet, arena, "GET", path, false, step);
}

void
cachet_call_write(const struct cachet *cachet, struct arena *arena,
	const char *method, const char *path, json_t *body,
	struct reporter_step *step)
{
	ask(cachet, arena, method, path, body != NULL, step);
	if (!body)
		return;
	const char *text = payload_write(body, arena);
	step->request.body = text;
	step->request.body_len = strlen(text);
}

/* {"id": "7", "attributes": {...}, "relationships": {...}} */
static void
flatten(json_t *resource)
{
	json_t *attributes = json_object_get(resource, "attributes");
	if (!json_is_object(attributes))
		return;
	json_incref(attributes);
	json_object_del(resource, "attributes");
	json_object_update(resource, attributes);
	json_decref(attributes);
}

json_t *
cachet_call_data(const struct http_response *answer)
{
	if (answer->status / 100 != 2)
		return NULL;
	json_t *root = payload_read(answer);
	json_t *data = json_incref(json_object_get(root, "data"));
	json_decref(root);
	size_t i;
	json_t *resource;
	json_array_foreach (data, i, resource)
		flatten(resource);
	flatten(data);
	return data;
}

bool
cachet_call_is_lost(const struct http_response *answer)
{
	if (answer->status == 0)
		return answer->sent;
	return answer->status >= 500 || answer->status / 100 == 2;
}

/* Cachet 3 says which route it does not know; or nothing at all, when its API
 * is switched off. */
static bool
is_about_routes(const json_t *root)
{
	const char *message =
		json_string_value(json_object_get(root, "message"));
	return message
		&& (*message == '\0' || str_starts(message, "The route "));
}

/* A page that a proxy made up says nothing of what Cachet has. */
bool
cachet_call_is_missing(const struct http_response *answer)
{
	if (answer->status == 405)
		return true;
	if (answer->status != 404)
		return false;
	json_t *root = payload_read(answer);
	bool is_json = root != NULL && !is_about_routes(root);
	json_decref(root);
	return is_json || answer->body_len == 0;
}

static const char *
words_of(const json_t *error)
{
	const json_t *details =
		json_object_get(json_object_get(error, "meta"), "details");
	const char *words = json_string_value(json_array_get(details, 0));
	if (!words)
		words = json_string_value(json_object_get(error, "detail"));
	if (!words)
		words = json_string_value(json_object_get(error, "message"));
	return words;
}

/* What the server itself says is wrong, for people: never a secret. */
static void
read_words(const struct http_response *answer, const struct cachet *cachet,
	const char *token, char *words, size_t size)
{
	json_t *root = payload_read(answer);
	const json_t *errors = json_object_get(root, "errors");
	const char *found = words_of(json_array_get(errors, 0));
	if (!found)
		found = words_of(root);
	if (found && token && *token != '\0' && strstr(found, token))
		found = "its words repeat the token";
	if (found && cachet_way_shows_in(&cachet->way, found))
		found = "its words repeat a header";
	str_copy(words, size, found ? found : "it did not say why");
	for (char *at = words; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == '\x7f')
			*at = ' ';
	json_decref(root);
}

static void
rejected(const struct cachet *cachet, const struct http_response *answer,
	const char *token, struct reporter_step *step)
{
	char words[WORDS_MAX];
	read_words(answer, cachet, token, words, sizeof(words));
	outcome_set(step, STEP_REJECTED, "Cachet rejected it (%d): %s",
		answer->status, words);
}

void
cachet_call_trouble(const struct cachet *cachet,
	const struct http_response *answer,
	const struct reporter_context *context, struct reporter_step *step)
{
	int status = answer->status;
	if (status == 0) {
		outcome_no_answer(step, "Cachet", answer);
	} else if (status / 100 == 2) {
		outcome_set(step, STEP_RETRY,
			"Cachet's answer (%d) could not be read", status);
	} else if (outcome_is_busy(status)) {
		outcome_busy(step, "Cachet", answer, context->now_ms);
	} else if (status / 100 == 3) {
		outcome_redirect(step, STEP_RETRY, "Cachet", "api_url", answer);
		step->target_down = true;
	} else if (status == 401 || status == 403) {
		outcome_set(step, STEP_SUSPENDED,
			"Cachet refused the token (%d)", status);
		step->refused = true;
	} else if (status == 404 || status == 405 || status == 410) {
		outcome_set(step, STEP_SUSPENDED,
			"there is no Cachet API at api_url (%d)", status);
	} else {
		rejected(cachet, answer, context->token, step);
	}
	step->undone = false;
}
