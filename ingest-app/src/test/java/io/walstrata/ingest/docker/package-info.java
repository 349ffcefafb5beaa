@NullMarked
package io.walstrata.ingest.docker;

import org.jspecify.annotations.NullMarked;
