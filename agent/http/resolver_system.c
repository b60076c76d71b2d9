/*
 *     the loop                       a thread
 *     resolver_system_ask  ------->  work: getaddrinfo()
 *     on_done  <-------------------  hand_in
 *
 * A thread that hangs in getaddrinfo() cannot be ended.  So the pool belongs to
 * all who use it, and the last one frees it.
 */
#define _GNU_SOURCE /* EAI_NODATA */
#include "agent/http/resolver_system.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <ev.h>

#include "agent/base/clock.h"
#include "agent/base/err.h"
#include "agent/base/list.h"
#include "agent/base/mem.h"
#include "agent/http/resolver_answer.h"

enum {
	STACK_SIZE = 512 * 1024, /* modules of nsswitch may want some */
};

/* What takes longer than this had no answer from the server: no time-out in
 * resolv.conf is shorter. */
static const int64_t SILENCE_US = INT64_C(1000) * 1000;

struct job {
	struct list link;
	void *cookie;
	int family;
	enum resolver_outcome outcome;
	struct resolver_answer answer;
	const char *text;
	char name[];
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	resolver_system_fn *look_up;
	struct list wanted, done; /* jobs */
	size_t n_threads, n_idle, n_wanted;
	bool closed;

	/* Of the loop; not to be touched once it is closed. */
	struct ev_loop *loop;
	ev_async *wake;
};

struct resolver_system {
	const struct resolver_owner *owner;
	struct pool *pool;
	ev_async wake;
};

/* In a thread. */

static enum resolver_outcome
outcome_of(int error, int os_error, int64_t took_us)
{
	switch (error) {
	case EAI_NONAME:
		return RESOLVER_NO_SUCH_NAME;
#ifdef EAI_NODATA
	case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
	case EAI_ADDRFAMILY:
#endif
		return RESOLVER_NO_ADDRESS;
	case EAI_AGAIN:
		/* glibc says EAGAIN whether all servers are gone or one
		 * could not find out: the other names will tell. */
		if (os_error == ECONNREFUSED || os_error == EAGAIN)
			return RESOLVER_REFUSED;
		return took_us >= SILENCE_US ? RESOLVER_SILENT
					     : RESOLVER_FAILED;
	default:
		return RESOLVER_FAILED;
	}
}

static void
take_addresses(struct job *job, const struct addrinfo *found)
{
	job->outcome = found ? RESOLVER_NO_WAY : RESOLVER_NO_ADDRESS;
	for (; found; found = found->ai_next)
		if (resolver_answer_add(
			    &job->answer, found->ai_addr, found->ai_addrlen))
			job->outcome = RESOLVER_FOUND;
}

static void
look_up(resolver_system_fn *how, struct job *job)
{
	struct addrinfo hints = {
		.ai_family = job->family,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	int64_t begun_us = clock_mono_us();
	errno = 0;
	int error = how(job->name, NULL, &hints, &found);
	int os_error = errno;
	if (error == 0) {
		take_addresses(job, found);
		if (found)
			freeaddrinfo(found);
		return;
	}
	job->outcome = outcome_of(error, os_error, clock_mono_us() - begun_us);
	job->text = gai_strerror(error);
}

static void
free_jobs(struct list *jobs)
{
	LIST_EACH (at, jobs, after) {
		list_remove(at);
		free(LIST_ENTRY(at, struct job, link));
	}
}

static void
free_pool(struct pool *pool)
{
	free_jobs(&pool->wanted);
	free_jobs(&pool->done);
	pthread_mutex_destroy(&pool->lock);
	pthread_cond_destroy(&pool->more);
	free(pool);
}

/* The next one; NULL at the end.  With the lock. */
static struct job *
take_job(struct pool *pool)
{
	pool->n_idle++;
	while (!pool->closed && list_empty(&pool->wanted))
		pthread_cond_wait(&pool->more, &pool->lock);
	pool->n_idle--;
	if (pool->closed)
		return NULL;
	struct job *job = LIST_ENTRY(pool->wanted.next, struct job, link);
	list_remove(&job->link);
	pool->n_wanted--;
	return job;
}

/* With the lock. */
static void
hand_in(struct pool *pool, struct job *job)
{
	list_add(&pool->done, &job->link);
	if (!pool->closed)
		ev_async_send(pool->loop, pool->wake);
}

static void *
work(void *cookie)
{
	struct pool *pool = cookie;
	struct job *job;
	pthread_mutex_lock(&pool->lock);
	while ((job = take_job(pool)) != NULL) {
		pthread_mutex_unlock(&pool->lock);
		look_up(pool->look_up, job);
		pthread_mutex_lock(&pool->lock);
		hand_in(pool, job);
	}
	bool is_last = --pool->n_threads == 0;
	pthread_mutex_unlock(&pool->lock);
	if (is_last)
		free_pool(pool);
	return NULL;
}

/* On the loop. */

/* With the lock.  Signals are for the main thread. */
static int
start_thread(struct pool *pool)
{
	pthread_t thread;
	pthread_attr_t how;
	sigset_t all, before;
	pthread_attr_init(&how);
	pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&how, STACK_SIZE);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&thread, &how, work, pool);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&how);
	if (error == 0)
		pool->n_threads++;
	return error;
}

static void
on_done(struct ev_loop *loop, ev_async *wake, int events)
{
	struct resolver_system *system = wake->data;
	const struct resolver_owner *owner = system->owner;
	struct list done;
	(void)loop;
	(void)events;
	list_init(&done);
	pthread_mutex_lock(&system->pool->lock);
	while (!list_empty(&system->pool->done)) {
		struct list *link = system->pool->done.next;
		list_remove(link);
		list_add(&done, link);
	}
	pthread_mutex_unlock(&system->pool->lock);
	LIST_EACH (at, &done, after) {
		struct job *job = LIST_ENTRY(at, struct job, link);
		owner->found(
			job->cookie, job->outcome, &job->answer, job->text);
	}
	free_jobs(&done);
	owner->turn(owner->self);
}

struct resolver_system *
resolver_system_new(const struct resolver_owner *owner, resolver_system_fn *how,
	struct err *err)
{
	struct pool *pool = mem_zalloc(sizeof(*pool));
	struct resolver_system *system = mem_zalloc(sizeof(*system));
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->more, NULL);
	list_init(&pool->wanted);
	list_init(&pool->done);
	pool->look_up = how;
	pool->loop = owner->loop;
	pool->wake = &system->wake;
	system->owner = owner;
	system->pool = pool;
	ev_async_init(&system->wake, on_done);
	system->wake.data = system;

	pthread_mutex_lock(&pool->lock);
	int error = start_thread(pool);
	pthread_mutex_unlock(&pool->lock);
	if (error == 0) {
		ev_async_start(owner->loop, &system->wake);
		return system;
	}
	err_set(err, "no thread to look names up: %s", strerror(error));
	free_pool(pool);
	free(system);
	return NULL;
}

void
resolver_system_free(struct resolver_system *system)
{
	if (!system)
		return;
	struct pool *pool = system->pool;
	pthread_mutex_lock(&pool->lock);
	pool->closed = true;
	pthread_cond_broadcast(&pool->more);
	pthread_mutex_unlock(&pool->lock);
	/* From here on the pool is its threads'. */
	ev_async_stop(system->owner->loop, &system->wake);
	free(system);
}

void
resolver_system_ask(struct resolver_system *system, const char *name,
	int family, void *cookie)
{
	struct pool *pool = system->pool;
	size_t size = strlen(name) + 1;
	struct job *job = mem_zalloc(sizeof(*job) + size);
	list_init(&job->link);
	job->cookie = cookie;
	job->family = family;
	job->answer.detail = job->text = "";
	memcpy(job->name, name, size);

	pthread_mutex_lock(&pool->lock);
	list_add(&pool->wanted, &job->link);
	pool->n_wanted++;
	/* Without another thread it waits for one of those that are there. */
	if (pool->n_idle < pool->n_wanted
		&& pool->n_threads < RESOLVER_SYSTEM_THREADS)
		start_thread(pool);
	pthread_cond_signal(&pool->more);
	pthread_mutex_unlock(&pool->lock);
}
