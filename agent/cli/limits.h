/*
 * What the process may take, and leave behind.
 */
#pragma once

/** As many descriptors as the system lets us have, and no core dumps: they
 * would hold tokens. */
void cli_limits(void);
