/*
 *     sim [-x] [-j JOBS] [COUNT [FIRST]]     run COUNT seeds from FIRST on,
 *                                            with -x up to one that fails
 *     sim -v SEED                            one seed, telling what happens
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/log.h"
#include "tests/sim/sim.h"

enum {
	COUNT = 300,
	REPEAT_EACH = 50, /* seeds; one is run twice, to be the same */
};

static bool
is_repeated(uint64_t seed, const struct sim_outcome *first)
{
	struct sim_outcome second;
	sim_run(seed, false, &second);
	return second.hash == first->hash;
}

static bool
run_one(uint64_t seed)
{
	struct sim_outcome outcome;
	sim_run(seed, false, &outcome);
	bool failed = outcome.failure[0] != '\0';
	bool again = (!failed && seed % REPEAT_EACH != 0)
		|| is_repeated(seed, &outcome);
	if (!failed && again)
		return true;
	printf("\rseed %" PRIu64 ": %s (trace %016" PRIx64 ", %s)\n", seed,
		failed ? outcome.failure : "it does not repeat itself",
		outcome.hash, again ? "the same again" : "ANOTHER AGAIN");
	fflush(stdout);
	return false;
}

/* For people who wait. */
static void
show(uint64_t done, uint64_t count, uint64_t failed)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr,
			"\r%" PRIu64 " of %" PRIu64 " seeds, %" PRIu64
			" failed ",
			done, count, failed);
}

/* Each of the processes takes its share of the seeds. */
struct range {
	uint64_t first, count;
	unsigned jobs;
	bool to_first_failure;
};

static uint64_t
run_share(const struct range *range, unsigned job)
{
	uint64_t failed = 0;
	for (uint64_t i = job; i < range->count; i += range->jobs) {
		failed += !run_one(range->first + i);
		if (job == 0)
			show(i + 1, range->count, failed);
		if (failed > 0 && range->to_first_failure)
			break;
	}
	return failed;
}

/* The seeds that failed come back through the pipe. */
static pid_t
start(const struct range *range, unsigned job, int out)
{
	pid_t child = fork();
	if (child != 0)
		return child;
	uint64_t failed = run_share(range, job);
	bool written = write(out, &failed, sizeof(failed)) == sizeof(failed);
	fflush(stdout);
	_exit(written ? 0 : 1);
}

static uint64_t
run_shares(const struct range *range)
{
	int ends[2];
	if (pipe(ends) != 0)
		abort();
	for (unsigned job = 0; job < range->jobs; job++)
		if (start(range, job, ends[1]) < 0)
			abort();
	close(ends[1]);
	uint64_t failed = 0, one;
	for (unsigned job = 0; job < range->jobs; job++) {
		int status;
		bool told = read(ends[0], &one, sizeof(one)) == sizeof(one);
		/* One that fell over is a failure as well. */
		failed += told ? one : 1;
		if (wait(&status) < 0 || status != 0)
			failed += told;
	}
	close(ends[0]);
	return failed;
}

static int
run_seeds(const struct range *range)
{
	int64_t start_us = clock_mono_us();
	uint64_t failed =
		range->jobs > 1 ? run_shares(range) : run_share(range, 0);
	double seconds = (double)(clock_mono_us() - start_us) / 1e6;
	printf("\r%" PRIu64 " seeds from %" PRIu64 " on, %" PRIu64
	       " failed, %.1f a second\n",
		range->count, range->first, failed,
		(double)range->count / seconds);
	return failed > 0;
}

static int
watch(uint64_t seed)
{
	struct sim_outcome outcome;
	log_threshold(LOG_DEBUG);
	sim_run(seed, true, &outcome);
	bool failed = outcome.failure[0] != '\0';
	printf("%s (trace %016" PRIx64 ")\n",
		failed ? outcome.failure : "all held", outcome.hash);
	return failed;
}

int
main(int argc, char **argv)
{
	/* What would be taken instead of the configuration. */
	unsetenv("CACHET_API_URL");
	unsetenv("CACHET_TOKEN");
	log_threshold(LOG_SILENT);
	struct range range = { .jobs = 1 };
	int option;
	while ((option = getopt(argc, argv, "j:v:x")) != -1) {
		if (option == 'v')
			return watch(strtoull(optarg, NULL, 10));
		if (option == 'j')
			range.jobs = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'x')
			range.to_first_failure = true;
		else
			return 2;
	}
	range.count = optind < argc ? strtoull(argv[optind], NULL, 10) : COUNT;
	range.first =
		optind + 1 < argc ? strtoull(argv[optind + 1], NULL, 10) : 1;
	return run_seeds(&range);
}
