@NullMarked
package io.walstrata.ingest.demo;

import org.jspecify.annotations.NullMarked;
