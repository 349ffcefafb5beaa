package io.walstrata.harness.demo;

import io.walstrata.layerstore.page.Lsn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A position in the WAL that was noted while the demo's load ran.
 *
 * @param lsn read the page as of here
 * @param event what had happened to the page
 * @param newest the LSN of the page's newest version at that moment, as its source has it
 * @param rows the rows of the page at that moment, as its source has them; null if it has none
 */
record Moment(Lsn lsn, String event, Lsn newest, @Nullable List<String> rows) {}
