/*
 *     sim CONFIG [COUNT [FIRST]]     run COUNT seeds from FIRST on
 *     sim CONFIG -v SEED             one seed, telling what happens
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/log.h"
#include "conf/conf.h"
#include "probes/probe.h"
#include "reporters/reporter.h"
#include "tests/sim/sim.h"

static void
on_complaint(void *cookie, enum conf_severity severity, const char *message)
{
	(void)cookie;
	(void)severity;
	fprintf(stderr, "%s\n", message);
}

static struct conf *
load(const char *path)
{
	static const struct conf_variant *probes[16];
	static const struct conf_variant *reporters[16];
	for (size_t i = 0; probe_types[i]; i++)
		probes[i] = &probe_types[i]->conf;
	for (size_t i = 0; reporter_types[i]; i++)
		reporters[i] = &reporter_types[i]->conf;
	const struct conf_types types = { { probes, reporters } };
	return conf_load(path, &types, on_complaint, NULL);
}

static int
run_seeds(const struct conf *conf, uint64_t first, uint64_t count)
{
	unsigned failed = 0;
	for (uint64_t seed = first; seed < first + count; seed++) {
		char failure[512];
		if (sim_run(conf, seed, false, failure, sizeof(failure)))
			continue;
		printf("seed %" PRIu64 ": %s\n", seed, failure);
		failed++;
	}
	printf("%" PRIu64 " seeds, %u failed\n", count, failed);
	return failed > 0;
}

int
main(int argc, char **argv)
{
	struct conf *conf = argc > 1 ? load(argv[1]) : NULL;
	if (!conf)
		return 2;
	log_threshold(LOG_SILENT);

	int code;
	if (argc > 3 && strcmp(argv[2], "-v") == 0) {
		char failure[512];
		log_threshold(LOG_DEBUG);
		code = !sim_run(conf, strtoull(argv[3], NULL, 10), true,
			failure, sizeof(failure));
		puts(code == 0 ? "all held" : failure);
	} else {
		code = run_seeds(conf,
			argc > 3 ? strtoull(argv[3], NULL, 10) : 1,
			argc > 2 ? strtoull(argv[2], NULL, 10) : 200);
	}
	conf_free(conf);
	return code;
}
