package io.walstrata.postgres.rmgr;

import io.walstrata.postgres.wal.WalRecord;
import java.util.Arrays;
import java.util.List;

/** The table of resource managers. */
public final class ResourceManagers {
  private static final ResourceManager[] BY_ID = byId();
  private static final RecordRedo[] REDO =
      Arrays.stream(BY_ID).map(ResourceManager::redo).toArray(RecordRedo[]::new);

  private ResourceManagers() {}

  private static ResourceManager[] byId() {
    ResourceManager[] byId = new ResourceManager[256];
    Arrays.fill(byId, new CustomManager());
    for (ResourceManager manager : core()) {
      byId[manager.rmgr().id()] = manager;
    }
    return byId;
  }

  private static List<ResourceManager> core() {
    return List.of(
        new XlogManager(),
        new TransactionManager(),
        new StorageManager(),
        new ClogManager(),
        new DatabaseManager(),
        new TablespaceManager(),
        new MultiXactManager(),
        new RelationMapManager(),
        new StandbyManager(),
        new Heap2Manager(),
        new HeapManager(),
        new BtreeManager(),
        new HashManager(),
        new GinManager(),
        new GistManager(),
        new SequenceManager(),
        new SpGistManager(),
        new BrinManager(),
        new CommitTsManager(),
        new ReplicationOriginManager(),
        new GenericManager(),
        new LogicalMessageManager());
  }

  /** Returns the manager whose record this is; one for all that are not PostgreSQL's own. */
  public static ResourceManager of(WalRecord record) {
    return BY_ID[record.rmgrId()];
  }

  /**
   * Returns the redo of a resource manager.
   *
   * @param rmgrId 0 to 255
   */
  public static RecordRedo redo(int rmgrId) {
    return REDO[rmgrId];
  }
}
