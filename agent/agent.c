#include "agent/agent.h"

#include <assert.h>
#include <stdlib.h>

#include "agent/actions.h"
#include "agent/agent_internal.h"
#include "agent/agent_sums.h"
#include "agent/agent_tokens.h"
#include "agent/agent_verbs.h"
#include "agent/agent_vet.h"
#include "agent/agent_watch.h"
#include "agent/base/log.h"
#include "agent/base/mem.h"
#include "agent/control.h"
#include "agent/control_address.h"
#include "agent/digests.h"
#include "agent/external.h"
#include "agent/http/client.h"
#include "agent/http/resolver.h"
#include "agent/ledger.h"
#include "agent/operator.h"
#include "agent/orders.h"
#include "agent/queue.h"
#include "agent/reconcile.h"
#include "agent/reminders.h"
#include "agent/sight.h"
#include "agent/store/store.h"
#include "agent/workers.h"
#include "conf/conf.h"
#include "probes/probe.h"
#include "reporters/reporter.h"

/* What others ask for while the agent runs. */

struct moment
agent_tell_now(void *cookie)
{
	(void)cookie;
	return clock_now();
}

static void *
send_request(void *cookie, const struct http_request *request,
	http_done_fn *done, void *done_cookie)
{
	struct agent *agent = cookie;
	return http_send(agent->http, request, done, done_cookie);
}

static void
cancel_request(void *cookie, void *call)
{
	(void)cookie;
	http_cancel(call);
}

struct outbox_transport
agent_transport(struct agent *agent)
{
	return (struct outbox_transport){
		send_request,
		cancel_request,
		agent,
	};
}

static void
on_event(void *cookie, const struct event *event)
{
	struct agent *agent = cookie;
	agent_log_event(event);
	operator_on_event(agent->operator_desk, event);
	if (agent->options.observer.on_event)
		agent->options.observer.on_event(
			agent->options.observer.cookie, event);
}

static void
on_token(void *cookie, const struct reporter *reporter)
{
	struct agent *agent = cookie;
	outbox_wake(agent->outbox, reporter);
}

static void
on_result(void *cookie, const struct monitor *monitor)
{
	struct agent *agent = cookie;
	agent_log_result(&agent->blind, monitor, clock_now().mono_ms);
	operator_on_result(agent->operator_desk, monitor);
	sight_note(
		agent->sight, monitor->number, monitor->seen, monitor->cause);
	if (agent->options.observer.on_result)
		agent->options.observer.on_result(
			agent->options.observer.cookie, monitor);
}

static void
on_own_row(void *cookie, const struct store_endpoint *row)
{
	const struct agent *agent = cookie;
	sight_take_up(agent->sight, row);
}

static void
on_let_go(void *cookie, const struct reporter *reporter)
{
	struct agent *agent = cookie;
	agent_reporters_let_go(&agent->reporters, reporter);
}

static void
on_looked(void *cookie, const struct reporter *reporter, bool whole,
	const char *detail)
{
	const struct agent *agent = cookie;
	reconcile_on_looked(agent->reconcile, reporter, whole, detail);
}

static void
on_doubt(void *cookie, const struct reporter *reporter, bool back)
{
	const struct agent *agent = cookie;
	reconcile_on_doubt(agent->reconcile, reporter, back);
}

/* Making and unmaking. */

static bool
open_resolver(struct agent *agent, struct err *err)
{
	struct resolver_settings settings = {
		.system = agent->conf->resolver == CONF_RESOLVER_SYSTEM,
	};
	agent->resolver = resolver_new(agent->loop, err);
	return agent->resolver
		&& resolver_configure(agent->resolver, &settings, err);
}

static bool
open_outside(struct agent *agent, struct err *err)
{
	bool fresh = false;
	if (!open_resolver(agent, err))
		return false;
	agent->http = http_client_new(agent->loop, agent->resolver);
	agent->store = store_open(agent->options.state, &fresh, err);
	if (!agent->store)
		return false;
	if (fresh)
		log_say(LOG_INFO, "nothing is remembered, starting afresh",
			log_text("state", agent->options.state));
	agent->ledger = ledger_new(agent->store);
	agent->orders = orders_new(agent->store, agent->ledger);
	agent->operator_desk = operator_new(agent);
	return orders_load(agent->orders, err);
}

struct probe_target
agent_target_of(const struct conf_endpoint *endpoint, struct arena *arena)
{
	const struct conf_chosen *probe = &endpoint->probe;
	return probe_type_of(probe->variant)->target(probe->settings, arena);
}

static void
add_monitors(struct agent *agent)
{
	struct monitors_settings settings = {
		.store = agent->store,
		.ledger = agent->ledger,
		.rng = &agent->rng,
		.orders = agent->orders,
		.on_event = on_event,
		.on_result = on_result,
		.on_own_row = on_own_row,
		.cookie = agent,
	};
	agent->monitors = monitors_new(&settings);

	const struct conf_endpoint *endpoints = agent->conf->endpoints.items;
	for (size_t i = 0; i < agent->conf->endpoints.count; i++) {
		if (orders_removed(agent->orders, endpoints[i].name))
			continue;
		struct probe_target target =
			agent_target_of(&endpoints[i], agent->conf->arena);
		monitors_add(
			agent->monitors, &endpoints[i], agent->conf, &target);
	}
}

static void
add_tokens(struct agent *agent)
{
	struct agent_tokens_settings settings = {
		.reporters = agent->reporters.items,
		.n_reporters = agent->reporters.count,
		.transport = agent_transport(agent),
		.on_found = on_token,
		.cookie = agent,
	};
	agent->tokens = agent_tokens_new(&settings);
}

static void
add_outbox(struct agent *agent)
{
	struct outbox_settings settings = {
		.store = agent->store,
		.ledger = agent->ledger,
		.rng = &agent->rng,
		.transport = agent_transport(agent),
		.mirror = monitors_mirror,
		.mirror_cookie = agent->monitors,
		.token = agent_tokens_of,
		.refused = agent_tokens_refused,
		.token_cookie = agent->tokens,
		.news = agent->options.observer.on_news,
		.news_cookie = agent->options.observer.cookie,
		.let_go = on_let_go,
		.let_go_cookie = agent,
		.looked = on_looked,
		.doubt = on_doubt,
		.look_cookie = agent,
		.now = agent_tell_now,
	};
	agent->outbox = outbox_new(&settings);
	for (size_t i = 0; i < agent->reporters.count; i++)
		outbox_add(agent->outbox, agent->reporters.items[i]);
}

static void
add_reconcile(struct agent *agent)
{
	struct reconcile_settings settings = {
		.store = agent->store,
		.monitors = agent->monitors,
		.outbox = agent->outbox,
		.rng = &agent->rng,
		.now = agent_tell_now,
	};
	agent->reconcile = reconcile_new(&settings);
	reconcile_set_reporters(agent->reconcile,
		(const struct reporter *const *)agent->reporters.items,
		agent->reporters.count, clock_now());
}

static void
add_sight(struct agent *agent, const struct reporter *const *reporters)
{
	struct sight_settings settings = {
		.ledger = agent->ledger,
		.rng = &agent->rng,
		.outbox = agent->outbox,
		.on_event = on_event,
		.cookie = agent,
	};
	struct sight_scope scope = {
		.endpoints = monitors_count(agent->monitors),
		.blind_after_ms = agent->conf->blind_after_ms,
		.reporters = reporters,
		.n_reporters = agent->reporters.count,
	};
	agent->sight = sight_new(&settings);
	sight_set_scope(agent->sight, &scope);
}

static bool
add_externals(struct agent *agent, const struct reporter *const *reporters,
	struct moment now, struct err *err)
{
	struct external_settings settings = {
		.store = agent->store,
		.ledger = agent->ledger,
		.rng = &agent->rng,
		.outbox = agent->outbox,
		.orders = agent->orders,
		.on_event = on_event,
		.cookie = agent,
	};
	agent->externals = externals_new(&settings);
	if (!externals_load(agent->externals, err))
		return false;
	externals_set_scope(agent->externals, agent->conf, reporters,
		agent->reporters.count, now);
	return true;
}

static bool
add_actions(struct agent *agent, struct moment now, struct err *err)
{
	agent->actions = actions_new(&(struct actions_settings){
		.store = agent->store,
		.ledger = agent->ledger,
		.orders = agent->orders,
		.rng = &agent->rng,
		.transport = agent_transport(agent),
		.now = agent_tell_now,
	});
	actions_set_conf(agent->actions, agent->conf);
	return actions_load(agent->actions, now, err);
}

static bool
take_up(struct agent *agent, struct err *err)
{
	struct moment now = clock_now();
	if (!outbox_load(agent->outbox, now, err))
		return false;
	const struct reporter *const *reporters =
		(const struct reporter *const *)agent->reporters.items;
	monitors_connect(agent->monitors, agent->outbox, reporters,
		agent->reporters.count);
	add_sight(agent, reporters);
	if (!monitors_load(agent->monitors, now, err)
		|| !add_externals(agent, reporters, now, err))
		return false;
	agent_sums_add(agent, reporters, now);
	return add_actions(agent, now, err);
}

/* Without it the agent works all the same; only `curlew status` does not. */
static void
open_control(struct agent *agent)
{
	char beside[CONTROL_PATH_SIZE];
	const char *path = agent->options.socket;
	if (!path && control_address_path(agent->options.state, beside))
		path = beside;
	if (!path || path[0] == '\0')
		return;

	struct err err;
	agent->control =
		control_open(agent->loop, path, agent_verbs, agent, &err);
	if (!agent->control)
		log_say(LOG_WARN, "`curlew status` will not be answered",
			log_text("reason", err.text));
}

static void
log_start(const struct agent *agent)
{
	log_say(LOG_INFO, "curlew starts", log_text("version", CURLEW_VERSION),
		log_text("config", agent->options.config),
		log_text("state", agent->options.state),
		log_int("endpoints", (int64_t)monitors_count(agent->monitors)),
		log_int("reporters", (int64_t)agent->reporters.count));
}

struct agent *
agent_new(
	struct conf *conf, const struct agent_options *options, struct err *err)
{
	struct agent *agent = mem_zalloc(sizeof *agent);
	agent->conf = conf_hold(conf);
	if (options)
		agent->options = *options;
	if (!agent->options.state)
		agent->options.state = conf->state;
	agent->started_ms = clock_wall_ms();
	agent->results = queue_new();
	agent->doors = mem_zalloc(sizeof(*agent->doors));
	rng_seed_os(&agent->rng);
	agent->loop = ev_loop_new(EVFLAG_AUTO);
	assert(agent->loop);
	agent_run_watch(agent);

	if (!open_outside(agent, err)
		|| !agent_reporters_init(&agent->reporters, conf, err))
		goto fail;
	add_monitors(agent);
	add_tokens(agent);
	add_outbox(agent);
	add_reconcile(agent);
	if (!take_up(agent, err)) {
		err_prefix(err, "%s", agent->options.state);
		goto fail;
	}
	open_control(agent);
	log_start(agent);
	return agent;

fail:
	agent_free(agent);
	return NULL;
}

void
agent_stop(struct agent *agent)
{
	ev_async_send(agent->loop, &agent->stop);
}

void
agent_free(struct agent *agent)
{
	if (!agent)
		return;
	agent_vet_cancel(agent->vet);
	agent_watch_free(agent->watch);
	control_close(agent->control);
	operator_free(agent->operator_desk);
	actions_free(agent->actions);
	workers_free(agent->workers);
	externals_free(agent->externals);
	digests_free(agent->digests);
	reminders_free(agent->reminders);
	sight_free(agent->sight);
	outbox_free(agent->outbox);
	reconcile_free(agent->reconcile);
	agent_tokens_free(agent->tokens);
	monitors_free(agent->monitors);
	agent_reporters_finish(&agent->reporters);
	orders_free(agent->orders);
	ledger_free(agent->ledger);
	store_close(agent->store);
	http_client_free(agent->http);
	resolver_free(agent->resolver);
	agent_run_drop(agent->results);
	free(agent->doors);
	agent_run_unwatch(agent);
	ev_loop_destroy(agent->loop);
	conf_free(agent->conf);
	free(agent);
}

struct ev_loop *
agent_loop(const struct agent *agent)
{
	return agent->loop;
}

const char *
agent_unready(const struct agent *agent)
{
	if (agent->phase == PHASE_STARTING)
		return "it is starting";
	if (agent->phase == PHASE_STOPPING)
		return "it is stopping";
	int64_t since_ms;
	return ledger_trouble(agent->ledger, &since_ms);
}

struct agent_view
agent_view(const struct agent *agent)
{
	return (struct agent_view){
		.monitors = agent->monitors,
		.outbox = agent->outbox,
		.ledger = agent->ledger,
		.orders = agent->orders,
		.operator_desk = agent->operator_desk,
		.actions = agent->actions,
		.sight = agent->sight,
		.reconcile = agent->reconcile,
		.externals = agent->externals,
		.doors = agent->doors,
		.http = agent->http,
		.conf = agent->conf,
		.workers = agent->workers,
		.state = agent->options.state,
		.token =
			agent->conf->server ? agent->conf->server->token : NULL,
		.started_ms = agent->started_ms,
		.reload = &agent->reload,
		.stall = &agent->stall,
		.certificate_ends_ms = agent->certificate_ends_ms,
	};
}

void
agent_note_certificate(struct agent *agent, int64_t ends_ms)
{
	agent->certificate_ends_ms = ends_ms;
}
