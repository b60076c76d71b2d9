/*
 *     main thread                     worker's thread
 *     worker_new ------------------>  run (the loop)
 *     worker_add, _remove, ... send -> on_command -> obey -> rounds_*
 *     worker_settle waits  <---------  acknowledge
 *     worker_free: stop, join
 */
#include "agent/worker.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <ev.h>

#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/mem.h"
#include "agent/base/pattern.h"
#include "agent/http/client.h"
#include "agent/http/resolver.h"
#include "agent/rounds.h"
#include "agent/stall.h"
#include "conf/conf.h"
#include "probes/probe.h"

enum {
	/* Tasks of one command: few enough for a turn of the loop. */
	PIECE = 256,
};

struct command {
	struct queue_item item; /* first */
	enum command_kind {
		COMMAND_ADD,
		COMMAND_REPLACE,
		COMMAND_REMOVE,
		COMMAND_PROBE,
		COMMAND_SETTLE,
		COMMAND_STOP,
	} kind;
	uint32_t endpoint;
	size_t n;
	struct worker_task *tasks;
	bool obeyed; /* under the worker's lock */
};

struct worker {
	pthread_t thread;
	struct ev_loop *loop;
	ev_async wake;
	struct queue *commands;
	struct queue_item *orders; /* taken from there, not yet carried out */
	struct stall stall;
	struct resolver *resolver;
	struct http_client *http;
	struct pattern_cache *patterns;
	struct probe_env env;
	struct rounds *rounds;

	_Atomic int64_t heard_ms; /* monotonic: its last sign of life */

	pthread_mutex_t lock;
	pthread_cond_t obeyed;
};

/* In the worker's thread. */

static void
obey(struct worker *worker, const struct command *command)
{
	switch (command->kind) {
	case COMMAND_ADD:
		rounds_add(worker->rounds, command->tasks, command->n);
		break;
	case COMMAND_REPLACE:
		rounds_replace(worker->rounds, command->tasks, command->n);
		break;
	case COMMAND_REMOVE:
		for (size_t i = 0; i < command->n; i++)
			rounds_remove(
				worker->rounds, command->tasks[i].endpoint);
		break;
	case COMMAND_PROBE:
		rounds_probe_now(worker->rounds, command->endpoint);
		break;
	case COMMAND_SETTLE:
		break;
	case COMMAND_STOP:
		ev_break(worker->loop, EVBREAK_ALL);
		break;
	}
}

/* The command is the sender's again, and gone. */
static void
acknowledge(struct worker *worker, struct command *command)
{
	pthread_mutex_lock(&worker->lock);
	command->obeyed = true;
	pthread_cond_broadcast(&worker->obeyed);
	pthread_mutex_unlock(&worker->lock);
}

static void
carry_out(struct worker *worker, struct command *command)
{
	obey(worker, command);
	if (command->kind == COMMAND_SETTLE) {
		acknowledge(worker, command);
	} else {
		free(command->tasks);
		free(command);
	}
}

/* One in each turn: ten thousand tasks at once would hold up the probes. */
static void
on_command(struct ev_loop *loop, ev_async *wake, int events)
{
	struct worker *worker = wake->data;
	(void)events;
	worker->heard_ms = clock_now().mono_ms;
	if (!worker->orders)
		worker->orders = queue_take(worker->commands);
	struct queue_item *item = worker->orders;
	if (!item)
		return;
	/* Those that came since wait in the queue, which is not empty then. */
	worker->orders = item->next;
	ev_async_send(loop, wake);
	carry_out(worker, (struct command *)item);
}

static void *
run(void *cookie)
{
	struct worker *worker = cookie;
	ev_run(worker->loop, 0);
	return NULL;
}

/* In the main thread. */

static void
send_command(struct worker *worker, struct command *command)
{
	if (queue_push(worker->commands, &command->item))
		ev_async_send(worker->loop, &worker->wake);
}

static struct command *
command_new(enum command_kind kind)
{
	struct command *command = mem_zalloc(sizeof(*command));
	command->kind = kind;
	return command;
}

/* Signals are for the main thread. */
static int
start_thread(struct worker *worker)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&worker->thread, NULL, run, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

static void
make_parts(struct worker *worker, const struct worker_settings *settings)
{
	worker->http = http_client_new(worker->loop, worker->resolver);
	worker->patterns = pattern_cache_new();
	worker->commands = queue_new();
	stall_init(&worker->stall, worker->loop);
	worker->env = (struct probe_env){
		.loop = worker->loop,
		.http = worker->http,
		.patterns = worker->patterns,
		.stalls = stall_count,
		.cookie = &worker->stall,
	};
	worker->rounds = rounds_new(worker->loop,
		&(struct rounds_settings){
			.env = &worker->env,
			.stall = &worker->stall,
			.busy_max = settings->busy_max,
			.worker = *settings,
		});
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->obeyed, NULL);
	ev_async_init(&worker->wake, on_command);
	worker->wake.data = worker;
	ev_async_start(worker->loop, &worker->wake);
}

static void
free_parts(struct worker *worker)
{
	rounds_free(worker->rounds);
	stall_finish(&worker->stall);
	ev_async_stop(worker->loop, &worker->wake);
	pattern_cache_free(worker->patterns);
	http_client_free(worker->http);
	queue_free(worker->commands);
	pthread_cond_destroy(&worker->obeyed);
	pthread_mutex_destroy(&worker->lock);
}

static bool
open_resolver(struct worker *worker, const struct worker_settings *settings,
	struct err *err)
{
	struct resolver_settings how = { .system = settings->system_resolver };
	worker->resolver = resolver_new(worker->loop, err);
	return worker->resolver
		&& resolver_configure(worker->resolver, &how, err);
}

struct worker *
worker_new(const struct worker_settings *settings, struct err *err)
{
	struct worker *worker = mem_zalloc(sizeof(*worker));
	worker->loop = ev_loop_new(EVFLAG_AUTO);
	if (!worker->loop) {
		err_set(err, "the kernel gives no event loop to a worker");
		goto free_worker;
	}
	worker->heard_ms = clock_now().mono_ms;
	if (!open_resolver(worker, settings, err))
		goto free_resolver;
	make_parts(worker, settings);
	int error = start_thread(worker);
	if (error == 0)
		return worker;

	err_set(err, "no thread for a worker: %s", strerror(error));
	free_parts(worker);
free_resolver:
	resolver_free(worker->resolver);
	ev_loop_destroy(worker->loop);
free_worker:
	free(worker);
	return NULL;
}

void
worker_free(struct worker *worker)
{
	if (!worker)
		return;
	send_command(worker, command_new(COMMAND_STOP));
	pthread_join(worker->thread, NULL);
	free_parts(worker);
	resolver_free(worker->resolver);
	ev_loop_destroy(worker->loop);
	free(worker);
}

/* The rounds take the holds over. */
static void
send_piece(struct worker *worker, enum command_kind kind,
	const struct worker_task *tasks, size_t n)
{
	struct command *command = command_new(kind);
	command->n = n;
	command->tasks = mem_grow(NULL, n, sizeof(*tasks));
	memcpy(command->tasks, tasks, n * sizeof(*tasks));
	for (size_t i = 0; kind != COMMAND_REMOVE && i < n; i++)
		conf_hold(tasks[i].document);
	send_command(worker, command);
}

static void
send_tasks(struct worker *worker, enum command_kind kind,
	const struct worker_task *tasks, size_t n)
{
	for (size_t i = 0; i < n; i += PIECE)
		send_piece(
			worker, kind, tasks + i, n - i < PIECE ? n - i : PIECE);
}

void
worker_add(struct worker *worker, const struct worker_task *tasks, size_t n)
{
	send_tasks(worker, COMMAND_ADD, tasks, n);
}

void
worker_replace(struct worker *worker, const struct worker_task *tasks, size_t n)
{
	send_tasks(worker, COMMAND_REPLACE, tasks, n);
}

void
worker_remove(struct worker *worker, const struct worker_task *tasks, size_t n)
{
	send_tasks(worker, COMMAND_REMOVE, tasks, n);
}

void
worker_settle(struct worker *worker)
{
	struct command command = { .kind = COMMAND_SETTLE };
	send_command(worker, &command);
	pthread_mutex_lock(&worker->lock);
	while (!command.obeyed)
		pthread_cond_wait(&worker->obeyed, &worker->lock);
	pthread_mutex_unlock(&worker->lock);
}

void
worker_probe_now(struct worker *worker, uint32_t endpoint)
{
	struct command *command = command_new(COMMAND_PROBE);
	command->endpoint = endpoint;
	send_command(worker, command);
}

int64_t
worker_heard(struct worker *worker)
{
	ev_async_send(worker->loop, &worker->wake);
	return worker->heard_ms;
}

void
worker_stats(struct worker *worker, struct worker_stats *stats)
{
	rounds_stats(worker->rounds, stats);
	stats->stalls = worker->stall.count;
}

void
worker_lateness(struct worker *worker, struct histogram *all)
{
	rounds_lateness(worker->rounds, all);
}

void
worker_turns(struct worker *worker, struct histogram *all)
{
	histogram_merge(all, &worker->stall.turns);
}
