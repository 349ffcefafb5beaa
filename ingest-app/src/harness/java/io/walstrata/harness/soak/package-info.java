/**
 * A crash test that can run for days: the job as a child process on a real broker, killed at random
 * moments while a producer keeps a ledger of what it has sent; then all that the job answers and
 * its layers hold is compared with the ledger. The door is {@link io.walstrata.harness.soak.Soak}.
 */
@NullMarked
package io.walstrata.harness.soak;

import org.jspecify.annotations.NullMarked;
