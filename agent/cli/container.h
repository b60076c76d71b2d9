/*
 * What is different in a container.
 */
#pragma once

/** To be called first: as its first process one has duties of its own. */
void cli_container_enter(void);

/**
 * cachet-url-monitor's container had no entry point, and its commands were
 * written out: "python3.7 ./cachet_url_monitor/client.py URL TOKEN FILE".
 * The name of the verb that takes the words from the third on, or NULL.
 */
const char *cli_container_old_verb(int argc, char **argv);
