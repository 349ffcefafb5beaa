/**
 * What is seen of the job from outside: whether the broker answers, how far restores are, metrics.
 * Only looks: nothing of the job depends on it.
 */
@NullMarked
package io.walstrata.ingest.watch;

import org.jspecify.annotations.NullMarked;
