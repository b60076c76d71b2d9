#include "agent/http/resolver.h"

#include <assert.h>
#include <ctype.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/map.h"
#include "agent/base/mem.h"
#include "agent/base/str.h"
#include "agent/http/reach.h"
#include "agent/http/resolver_internal.h"
#include "agent/http/url.h"

static const char CONF_PATH[] = "/etc/resolv.conf";

enum {
	AT_ONCE = 2000,
	TIMEOUT_MS = 1000,
	TRIES = 3,
	SLOW_MS = 2500, /* more than what one silent server costs the names */
};

static const int64_t CHECK_US = INT64_C(1000) * 1000;

static void
on_wake(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	resolver_deliver(timer->data);
}

static void
on_turn(void *self)
{
	resolver_deliver(self);
}

static void
free_channels(struct resolver *resolver)
{
	resolver_channel_free(resolver->patient), resolver->patient = NULL;
	resolver_channel_free(resolver->frank), resolver->frank = NULL;
}

static struct resolver_channel *
make_channel(
	struct resolver *resolver, enum resolver_manner manner, struct err *err)
{
	return resolver_channel_new(
		&resolver->owner, manner, &resolver->settings, err);
}

/* All, or none. */
static bool
make_channels(struct resolver *resolver, struct err *err)
{
	resolver->patient = make_channel(resolver, RESOLVER_PATIENT, err);
	if (resolver->patient)
		resolver->frank = make_channel(resolver, RESOLVER_FRANK, err);
	if (!resolver->frank)
		free_channels(resolver);
	return resolver->frank != NULL;
}

static bool
make_askers(struct resolver *resolver, struct err *err)
{
	if (!resolver->settings.system)
		return make_channels(resolver, err);
	struct resolver_system *system =
		resolver_system_new(&resolver->owner, getaddrinfo, err);
	if (system)
		resolver->system = system;
	return system != NULL;
}

static void
free_askers(struct resolver *resolver)
{
	free_channels(resolver);
	resolver_system_free(resolver->system), resolver->system = NULL;
}

/* The old ones end all of their look-ups at once; they begin anew. */
static bool
remake_askers(struct resolver *resolver, struct err *err)
{
	struct resolver old = {
		.patient = resolver->patient,
		.frank = resolver->frank,
		.system = resolver->system,
	};
	resolver->patient = resolver->frank = NULL;
	resolver->system = NULL;
	if (!make_askers(resolver, err)) {
		resolver->patient = old.patient;
		resolver->frank = old.frank;
		resolver->system = old.system;
		return false;
	}
	free_askers(&old);
	LIST_EACH (at, &resolver->running, after) {
		struct resolver_lookup *lookup =
			LIST_ENTRY(at, struct resolver_lookup, link);
		resolver_channel_free(lookup->own), lookup->own = NULL;
		if (list_empty(&lookup->queries))
			resolver_lookup_free(lookup);
		else
			resolver_wait(lookup);
	}
	return true;
}

/* True when resolv.conf is not what it was; remembers what it is. */
static bool
conf_changed(struct resolver *resolver)
{
	struct stat now = { 0 };
	if (stat(CONF_PATH, &now) != 0)
		now = (struct stat){ 0 };
	bool same = now.st_ino == resolver->conf.st_ino
		&& now.st_size == resolver->conf.st_size
		&& now.st_mtim.tv_sec == resolver->conf.st_mtim.tv_sec
		&& now.st_mtim.tv_nsec == resolver->conf.st_mtim.tv_nsec;
	resolver->conf = now;
	return !same;
}

static void
follow_conf(struct resolver *resolver)
{
	int64_t now = clock_mono_us();
	if (resolver->system || now - resolver->conf_us < CHECK_US)
		return;
	resolver->conf_us = now;
	struct err err;
	/* If that fails the old ones serve on, until the next try. */
	if (conf_changed(resolver) && !remake_askers(resolver, &err))
		resolver->conf = (struct stat){ 0 };
}

struct resolver *
resolver_new(struct ev_loop *loop, struct err *err)
{
	struct resolver *resolver = mem_zalloc(sizeof(*resolver));
	resolver->loop = loop;
	resolver->settings = (struct resolver_settings){
		.timeout_ms = TIMEOUT_MS,
		.tries = TRIES,
		.at_once = AT_ONCE,
		.slow_ms = SLOW_MS,
	};
	resolver->pace = mem_zalloc(sizeof(*resolver->pace));
	list_init(&resolver->waiting);
	list_init(&resolver->waiting_slow);
	list_init(&resolver->running);
	list_init(&resolver->finished);
	list_init(&resolver->delivering);
	conf_changed(resolver);
	resolver->owner = (struct resolver_owner){
		.loop = loop,
		.found = resolver_take,
		.turn = on_turn,
		.self = resolver,
	};
	if (!make_askers(resolver, err)) {
		free(resolver->pace);
		free(resolver);
		return NULL;
	}
	resolver->lookups = map_new();
	resolver->pins = map_new();
	ev_timer_init(&resolver->wake, on_wake, 0, 0);
	resolver->wake.data = resolver;
	return resolver;
}

static void
free_pin(void *cookie, const char *host, void *pin)
{
	(void)cookie;
	(void)host;
	free(pin);
}

void
resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	assert(list_empty(&resolver->delivering));
	free_askers(resolver);
	resolver_forget(&resolver->waiting);
	resolver_forget(&resolver->waiting_slow);
	resolver_forget(&resolver->running);
	resolver_forget(&resolver->finished);
	ev_timer_stop(resolver->loop, &resolver->wake);
	map_each(resolver->pins, free_pin, NULL);
	map_free(resolver->pins);
	map_free(resolver->lookups);
	free(resolver->servers);
	free(resolver->pace);
	free(resolver);
}

bool
resolver_configure(struct resolver *resolver,
	const struct resolver_settings *settings, struct err *err)
{
	struct resolver_settings before = resolver->settings;
	char *servers = settings->servers ? mem_dup(settings->servers) : NULL;
	resolver->settings = (struct resolver_settings){
		.servers = servers,
		.timeout_ms = settings->timeout_ms > 0 ? settings->timeout_ms
						       : TIMEOUT_MS,
		.tries = settings->tries > 0 ? settings->tries : TRIES,
		.at_once = settings->at_once > 0 ? settings->at_once : AT_ONCE,
		.slow_ms = settings->slow_ms > 0 ? settings->slow_ms : SLOW_MS,
		.system = settings->system,
	};
	if (resolver->settings.system
		&& resolver->settings.at_once > RESOLVER_SYSTEM_THREADS)
		resolver->settings.at_once = RESOLVER_SYSTEM_THREADS;
	if (!remake_askers(resolver, err)) {
		resolver->settings = before;
		free(servers);
		return false;
	}
	free(resolver->servers);
	resolver->servers = servers;
	return true;
}

/* Names have no case. */
static bool
read_name(const char *host, char name[static URL_HOST_SIZE])
{
	if (*host == '\0' || !str_copy(name, URL_HOST_SIZE, host))
		return false;
	for (char *at = name; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return true;
}

bool
resolver_pin(struct resolver *resolver, const char *host,
	const char *const *addresses, size_t n, struct err *err)
{
	char name[URL_HOST_SIZE];
	assert(n <= RESOLVER_ADDRESSES_MAX);
	if (!read_name(host, name))
		return err_set(err, "a name has 1 to 253 bytes");
	for (size_t i = 0; i < n; i++)
		if (!http_reach_parse(addresses[i], 0, NULL, NULL))
			return err_set(err,
				"\"%s\" is no address such as 192.0.2.1",
				addresses[i]);
	if (n == 0) {
		free(map_remove(resolver->pins, name));
		return true;
	}
	struct resolver_answer *pin = mem_zalloc(sizeof(*pin));
	pin->detail = "";
	pin->n = n;
	for (size_t i = 0; i < n; i++)
		str_copy(
			pin->addresses[i], RESOLVER_ADDRESS_SIZE, addresses[i]);
	free(map_put(resolver->pins, name, pin));
	return true;
}

bool
resolver_is_of_family(const char *address, enum resolver_family family)
{
	bool v6 = strchr(address, ':') != NULL;
	return family == RESOLVER_ANY || (family == RESOLVER_V6) == v6;
}

/* What is known without asking. */
static void
finish_with(struct resolver_lookup *lookup, const struct resolver_answer *known)
{
	struct resolver_answer *answer = &lookup->answer;
	for (size_t i = 0; i < known->n; i++)
		if (resolver_is_of_family(known->addresses[i], lookup->wanted))
			memcpy(answer->addresses[answer->n++],
				known->addresses[i], RESOLVER_ADDRESS_SIZE);
	if (answer->n > 0)
		resolver_finish(lookup);
	else
		resolver_finish_badly(lookup, RESOLVER_FAIL_NOT_FOUND,
			resolver_no_address(lookup->wanted));
}

static struct resolver_lookup *
lookup_of(struct resolver *resolver, enum resolver_family family,
	const char *name)
{
	char key[RESOLVER_KEY_SIZE];
	resolver_key(family, name, key);
	struct resolver_lookup *lookup = map_get(resolver->lookups, key);
	if (lookup)
		return lookup;
	lookup = resolver_lookup_new(resolver, family, name);
	const struct resolver_answer *pin = map_get(resolver->pins, name);
	if (pin) {
		finish_with(lookup, pin);
	} else if (http_reach_parse(name, 0, NULL, NULL)) {
		struct resolver_answer itself = { .n = 1 };
		str_copy(itself.addresses[0], RESOLVER_ADDRESS_SIZE, name);
		finish_with(lookup, &itself);
	} else {
		map_put(resolver->lookups, key, lookup);
		resolver_wait(lookup);
		resolver_start_waiting(resolver);
	}
	return lookup;
}

struct resolver_query *
resolver_ask(struct resolver *resolver, const char *host,
	enum resolver_family family, resolver_done_fn *done, void *cookie)
{
	char name[URL_HOST_SIZE];
	struct resolver_lookup *lookup;
	follow_conf(resolver);
	if (read_name(host, name)) {
		lookup = lookup_of(resolver, family, name);
	} else {
		lookup = resolver_lookup_new(resolver, family, "");
		resolver_finish_badly(lookup, RESOLVER_FAIL_NOT_FOUND,
			"a name has 1 to 253 bytes");
	}
	struct resolver_query *query = mem_alloc(sizeof(*query));
	*query = (struct resolver_query){
		.lookup = lookup,
		.done = done,
		.cookie = cookie,
	};
	list_init(&query->link);
	list_add(&lookup->queries, &query->link);
	return query;
}

void
resolver_cancel(struct resolver_query *query)
{
	if (!query)
		return;
	struct resolver_lookup *lookup = query->lookup;
	list_remove(&query->link);
	free(query);
	/* c-ares cannot end a single one; its answer is still evidence. */
	if (list_empty(&lookup->queries) && lookup->state == RESOLVER_WAITING)
		resolver_lookup_free(lookup);
}

bool
resolver_give_up(struct resolver_query *query)
{
	const struct resolver_lookup *lookup = query->lookup;
	struct resolver_evidence *evidence = &lookup->resolver->evidence;
	int64_t now = clock_mono_us();
	bool was_asked = lookup->state != RESOLVER_WAITING || lookup->frankly
		|| lookup->wholly || lookup->second;
	if (was_asked && lookup->state != RESOLVER_DONE) {
		resolver_evidence_asked(evidence, lookup->name, now);
		resolver_evidence_failed(evidence, lookup->name, now);
		resolver_count_silent(lookup->resolver, now);
	}
	resolver_cancel(query);
	return was_asked;
}

bool
resolver_is_dead(struct resolver *resolver)
{
	return resolver_evidence_is_dead(&resolver->evidence, clock_mono_us());
}
