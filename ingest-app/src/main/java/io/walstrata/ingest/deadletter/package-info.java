/**
 * Dead letters: what could not be written, what a dead-letter topic contains, and sending it again.
 */
@NullMarked
package io.walstrata.ingest.deadletter;

import org.jspecify.annotations.NullMarked;
