package io.walstrata.harness.demo;

import io.walstrata.layerstore.page.Lsn;

/**
 * A position in the WAL that was noted while the demo's load ran.
 *
 * @param lsn read the page as of here
 * @param event what had happened to the page
 * @param newest the LSN of the page's newest version at that moment, as its source has it
 */
record Moment(Lsn lsn, String event, Lsn newest) {}
