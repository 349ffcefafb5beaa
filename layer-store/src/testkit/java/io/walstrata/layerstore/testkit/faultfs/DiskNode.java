package io.walstrata.layerstore.testkit.faultfs;

/** What a name stands for. */
sealed interface DiskNode permits DiskFile, DiskDirectory {}
