/*
 * Which Cachet it is and where its API is, asked as the reporter asks; and
 * patience with a server that is busy.
 *
 *     begin -> find -> find_at -> cachet_generation_find
 *           -> vet                       | step
 *     get   -> patiently -> exchange <---+
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "agent/base/arena.h"
#include "agent/base/clock.h"
#include "agent/base/duration.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/rng.h"
#include "agent/base/str.h"
#include "agent/cli/fetch.h"
#include "agent/cli/scrape.h"
#include "agent/http/client.h"
#include "agent/http/url.h"
#include "agent/judge/backoff.h"
#include "reporters/cachet.h"
#include "reporters/payload.h"

enum {
	REQUEST_MS = 10 * 1000,
	TRIES_MAX = 5,
	HEADER_SIZE = 32,
	UNIX_TIME_MIN = 1000 * 1000 * 1000,
	DAY_S = 24 * 60 * 60,
	ROUNDS_MAX = 40, /* of finding out: it needs four */
};

struct scrape_talk {
	const struct scrape_source *source;
	struct arena *arena;
	struct arena *answers; /* one at a time */
	struct cli_fetch *fetch;
	struct rng rng;
	struct cachet cachet;
	char memory[REPORTER_MEMORY_SIZE];
	char carry[REPORTER_CARRY_MAX];
	struct reporter_context context;
	int status; /* of the last answer */
	bool shows; /* a progress that is to be wiped */
};

/* How long one request may be tried. */
struct patience {
	int64_t until_ms; /* of the monotonic clock */
	unsigned failures;
};

static int64_t
now_ms(void)
{
	return clock_mono_us() / 1000;
}

struct scrape_talk *
cli_scrape_talk_new(const struct scrape_source *source, struct arena *arena,
	struct err *err)
{
	if (source->ca_file && !http_check_ca_file(source->ca_file, err))
		return NULL;
	struct cli_fetch *fetch = cli_fetch_new(err);
	if (!fetch)
		return NULL;
	struct scrape_talk *talk = mem_zalloc(sizeof(*talk));
	talk->source = source;
	talk->arena = arena;
	talk->answers = arena_new();
	talk->fetch = fetch;
	rng_seed_os(&talk->rng);
	talk->cachet.base.memory = talk->memory;
	talk->cachet.token = source->token ? source->token : "";
	talk->cachet.timeout_ms = REQUEST_MS;
	talk->cachet.way.insecure = source->insecure;
	talk->cachet.way.ca_file = source->ca_file;
	talk->context = (struct reporter_context){
		.carry = talk->carry,
		.token = source->token,
		.arena = arena,
	};
	return talk;
}

void
cli_scrape_talk_free(struct scrape_talk *talk)
{
	if (!talk)
		return;
	cli_scrape_talk_progress(talk, NULL);
	cli_fetch_free(talk->fetch);
	arena_free(talk->answers);
	free(talk);
}

void
cli_scrape_talk_progress(struct scrape_talk *talk, const char *text)
{
	if (!talk->source->progress || (!text && !talk->shows))
		return;
	fprintf(stderr, "\r\x1b[K%s", text ? text : "");
	fflush(stderr);
	talk->shows = text != NULL;
}

static struct patience
patience_of(const struct scrape_talk *talk)
{
	return (struct patience){ now_ms() + talk->source->patience_ms, 0 };
}

/* An empty one would be refused where none is not. */
static void
drop_token(const struct scrape_talk *talk, struct http_request *request)
{
	size_t n = 0;
	struct http_header *kept = arena_alloc(
		talk->arena, (request->n_headers + 1) * sizeof(*kept));
	for (size_t i = 0; i < request->n_headers; i++)
		if (!str_eq(request->headers[i].name, "Authorization")
			&& !str_eq(request->headers[i].name, "X-Cachet-Token"))
			kept[n++] = request->headers[i];
	request->headers = kept;
	request->n_headers = n;
}

/* The answer is there until the next one. */
static const struct http_response *
exchange(struct scrape_talk *talk, struct reporter_step *step,
	const struct patience *patience)
{
	struct http_request *request = &step->request;
	int64_t left = patience->until_ms - now_ms();
	left = left < 1 ? 1 : left;
	request->total_ms = left < REQUEST_MS ? left : REQUEST_MS;
	if (request->connect_ms > request->total_ms)
		request->connect_ms = request->total_ms;
	if (!talk->context.token)
		drop_token(talk, request);
	talk->context.now_ms = clock_wall_ms();
	arena_reset(talk->answers);
	const struct http_response *answer =
		cli_fetch_send(talk->fetch, request, talk->answers);
	talk->status = answer->status;
	return answer;
}

/* It will be the same the next time. */
static bool
is_final(const struct http_response *answer)
{
	if (answer->fail == HTTP_FAIL_NONE)
		return answer->status / 100 == 2 || answer->status / 100 == 3;
	return answer->fail == HTTP_FAIL_URL
		|| answer->fail == HTTP_FAIL_NAME_NOT_FOUND
		|| answer->fail == HTTP_FAIL_CERTIFICATE
		|| answer->fail == HTTP_FAIL_TLS
		|| answer->fail == HTTP_FAIL_TOO_LARGE;
}

/* Of Cachet 3, where no Retry-After came: Unix time, or seconds from now. */
static int64_t
reset_after_ms(const struct http_response *answer)
{
	int64_t seconds;
	char text[HEADER_SIZE];
	if (answer->status != 429
		|| !http_response_header(
			answer, "X-RateLimit-Reset", text, sizeof(text))
		|| !str_int(text, &seconds) || seconds < 0)
		return 0;
	if (seconds > UNIX_TIME_MIN)
		seconds -= clock_wall_ms() / 1000;
	return seconds > 0 && seconds < DAY_S ? seconds * 1000 : 0;
}

/* After a failure that may pass.  False: patience has an end. */
static bool
wait_for(struct scrape_talk *talk, struct patience *patience,
	const struct reporter_step *step, struct err *err)
{
	char text[DURATION_TEXT_SIZE];
	int64_t left = patience->until_ms - now_ms();
	int64_t wait = backoff_delay_ms(++patience->failures, &talk->rng);
	if (step->after_ms > wait)
		wait = step->after_ms;
	duration_text(wait, text);
	if (patience->failures >= TRIES_MAX || left <= 0)
		return err_set(err, "%s; given up after %u time%s",
			step->detail, patience->failures,
			patience->failures == 1 ? "" : "s");
	if (wait > left)
		return err_set(err,
			"%s; the next try would be in %s, which is longer than "
			"--patience allows",
			step->detail, text);
	cli_scrape_talk_progress(talk, NULL);
	fprintf(stderr, "curlew: %s; once more in %s\n", step->detail, text);
	cli_fetch_wait(talk->fetch, wait);
	return true;
}

/* Where it is. */

/* `*absent`: there is something else, or nothing. */
static bool
find_at(struct scrape_talk *talk, const char *url, bool *absent,
	struct err *err)
{
	struct patience patience = patience_of(talk);
	const struct http_response *answer = NULL;
	*absent = false;
	talk->memory[0] = talk->carry[0] = '\0';
	talk->cachet.api_url = url;
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		struct reporter_step step;
		const struct http_response *reply = answer;
		if (cachet_generation_find(
			    &talk->cachet, &talk->context, &answer, &step))
			return true;
		if (step.kind == STEP_SEND) {
			answer = exchange(talk, &step, &patience);
			continue;
		}
		answer = NULL;
		*absent = reply && reply->fail == HTTP_FAIL_NONE
			&& !step.refused
			&& (step.kind == STEP_SUSPENDED
				|| reply->status / 100 == 2);
		if (*absent || step.kind != STEP_RETRY
			|| (reply && is_final(reply)))
			return err_set(err, "%s", step.detail);
		if (!wait_for(talk, &patience, &step, err))
			return false;
	}
	return err_set(err, "Cachet's answers contradict one another");
}

/* The URL itself, and where a Cachet usually has its API below it. */
static bool
find(struct scrape_talk *talk, struct err *err)
{
	static const char *const below[] = { "", "/api/v1", "/status/api" };
	const char *given;
	if (!url_normalise(talk->source->url, talk->arena, &given, err))
		return err_prefix(err, "the URL of Cachet");
	char *url = arena_dup(talk->arena, given);
	size_t len = strlen(url);
	while (len > 0 && url[len - 1] == '/')
		url[--len] = '\0';
	bool is_api = str_ends(url, "/api") || str_ends(url, "/api/v1");
	bool absent = true;
	size_t n = is_api ? 1 : sizeof(below) / sizeof(below[0]);
	for (size_t i = 0; i < n && absent; i++)
		if (find_at(talk,
			    arena_printf(talk->arena, "%s%s", url, below[i]),
			    &absent, err))
			return true;
	if (!absent)
		return false;
	return err_set(err,
		"there is no Cachet API at %s%s; its address is that of the "
		"page with /api/v1 (Cachet 2) or /api (Cachet 3) behind it",
		url_public(url, talk->arena), is_api ? "" : " or below it");
}

/* Reads. */

static const struct http_response *
patiently(struct scrape_talk *talk, const char *path,
	enum scrape_answer *outcome, struct err *err)
{
	struct patience patience = patience_of(talk);
	for (;;) {
		struct reporter_step step;
		cachet_call_get(&talk->cachet, talk->arena, path, &step);
		const struct http_response *answer =
			exchange(talk, &step, &patience);
		*outcome = SCRAPE_GOOD;
		if (answer->fail == HTTP_FAIL_NONE && answer->status / 100 == 2)
			return answer;
		cachet_call_trouble(
			&talk->cachet, answer, &talk->context, &step);
		*outcome = SCRAPE_FAILED;
		if (step.after_ms == 0)
			step.after_ms = reset_after_ms(answer);
		if (step.kind == STEP_RETRY && !is_final(answer)) {
			if (answer->status / 100 == 2)
				snprintf(step.detail, sizeof(step.detail),
					"Cachet's answer was cut short");
			if (!wait_for(talk, &patience, &step, err))
				return NULL;
			continue;
		}
		if (step.kind == STEP_SUSPENDED || step.kind == STEP_REJECTED)
			*outcome = SCRAPE_REFUSED;
		err_set(err, "%s", step.detail);
		return NULL;
	}
}

enum scrape_answer
cli_scrape_talk_get(struct scrape_talk *talk, const char *path,
	struct json_t **root, struct err *err)
{
	enum scrape_answer outcome;
	const struct http_response *answer =
		patiently(talk, path, &outcome, err);
	if (!answer)
		return outcome;
	*root = payload_read(answer);
	if (json_is_array(json_object_get(*root, "data")))
		return SCRAPE_GOOD;
	json_decref(*root);
	*root = NULL;
	err_set(err,
		answer->body_cut
			? "Cachet's answer is too long"
			: "what answers is no list of a Cachet (%.60s)",
		path);
	return SCRAPE_FAILED;
}

/* Most reads do not mind a token that is wrong; this one does. */
static bool
vet(struct scrape_talk *talk, struct err *err)
{
	enum scrape_answer outcome;
	struct err refusal;
	if (!talk->source->token)
		return true;
	if (patiently(talk, "/subscribers?per_page=1", &outcome, &refusal)
		|| (outcome == SCRAPE_REFUSED && talk->status != 401))
		return true;
	if (talk->status != 401)
		return err_set(err, "%s", refusal.text);
	return err_set(err,
		"%s; it is that of a user of Cachet 2 (in the profile), or an "
		"API key of Cachet 3",
		refusal.text);
}

bool
cli_scrape_talk_begin(
	struct scrape_talk *talk, const char **api_url, struct err *err)
{
	cli_scrape_talk_progress(talk, "looking for the API");
	if (!find(talk, err) || !vet(talk, err))
		return false;
	*api_url = talk->cachet.root;
	return true;
}

bool
cli_scrape_talk_is_3(const struct scrape_talk *talk)
{
	return talk->cachet.generation == CACHET_3;
}

int
cli_scrape_talk_status(const struct scrape_talk *talk)
{
	return talk->status;
}
