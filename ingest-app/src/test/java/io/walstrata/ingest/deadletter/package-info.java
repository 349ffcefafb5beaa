@NullMarked
package io.walstrata.ingest.deadletter;

import org.jspecify.annotations.NullMarked;
