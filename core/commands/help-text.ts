// What X HELP says, by container: a line that starts in the first column is a syntax line, an
// indented line explains the one above. The syntax lines are Redis's, the explanations are ours.
// The first and the last two lines of the reply are the same for all; help.ts adds them.

/** Help lines by container. */
export const HELP_TEXTS: Readonly<Record<string, string>> = {
  acl: `CAT [<category>]
    The categories, or the commands of one category.
DELUSER <username> [<username> ...]
    Removes users and closes their connections.
DRYRUN <username> <command> [<arg> ...]
    Tells whether a user could run a command, without running it.
GETUSER <username>
    The rules of a user.
GENPASS [<bits>]
    A random password of 256 or of the given number of bits, in hexadecimal.
LIST
    All users as lines of an ACL file.
LOAD
    Replaces all users by those of the ACL file.
LOG [<count> | RESET]
    The latest refusals, or forgets them.
SAVE
    Writes all users to the ACL file.
SETUSER <username> <attribute> [<attribute> ...]
    Makes a user or changes the rules of one.
USERS
    The names of all users.
WHOAMI
    The name of this connection's user.`,

  client: `CACHING (YES|NO)
    Whether the keys of the next command are tracked, in the modes OPTIN and OPTOUT.
GETREDIR
    The id of the client that receives this connection's invalidations.
GETNAME
    The name of this connection.
ID
    The id of this connection.
INFO
    One line about this connection, as in LIST.
KILL <ip:port>
    Closes the connection from that address.
KILL <option> <value> [<option> <value> [...]]
    Closes the connections to which every option applies:
    * ADDR (<ip:port>|<unixsocket>:0)
      They come from this address.
    * LADDR (<ip:port>|<unixsocket>:0)
      They go to this address of the server.
    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)
      They are of this kind.
    * USER <username>
      They belong to this user.
    * SKIPME (YES|NO)
      Whether this connection is spared, which is the default.
    * ID <client-id>
      They have this id.
    * MAXAGE <maxage>
      They are at least this many seconds old.
LIST [options ...]
    One line about each connection, or only about some:
    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)
      Those of this kind.
UNPAUSE
    Ends a pause.
PAUSE <timeout> [WRITE|ALL]
    Holds back all commands, or those that write, for that many milliseconds.
REPLY (ON|OFF|SKIP)
    Whether this connection gets replies; SKIP leaves out the next one.
SETNAME <name>
    Gives this connection a name.
SETINFO <option> <value>
    Tells the server about the client's library:
    * LIB-NAME: what it is called.
    * LIB-VER: its version.
UNBLOCK <clientid> [TIMEOUT|ERROR]
    Wakes a client that waits in a blocking command.
TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]
         [OPTIN] [OPTOUT] [NOLOOP]
    Whether the server tells this client which keys of its cache have changed.
TRACKINGINFO
    How this connection is tracked.
NO-EVICT (ON|OFF)
    Whether this connection is spared when clients use too much memory.
NO-TOUCH (ON|OFF)
    Whether this connection's commands leave the access times of keys alone.`,

  cluster: `COUNTKEYSINSLOT <slot>
    How many keys this node has in the slot.
GETKEYSINSLOT <slot> <count>
    Up to that many names of keys that this node has in the slot.
INFO
    The state of the cluster as this node sees it.
KEYSLOT <key>
    The slot of the key.
MYID
    The id of this node.
MYSHARDID
    The id of this node's shard.
NODES
    One line about each node:
    <id> <ip:port@bus-port[,hostname]> <flags> <master> <ping-sent> <pong-recv> <epoch> <link> <slot> ...
REPLICAS <node-id>
    The lines of NODES about the node's replicas.
SLOTS
    Ranges of slots, each as first slot, last slot, primary and replicas.
SHARDS
    Shards, each with its ranges of slots and its nodes.
ADDSLOTS <slot> [<slot> ...]
    Makes this node the owner of free slots.
ADDSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]
    As ADDSLOTS for ranges; both ends belong to them.
BUMPEPOCH
    Takes a new configuration epoch if this node does not have the greatest.
COUNT-FAILURE-REPORTS <node-id>
    How many nodes say that the node fails.
DELSLOTS <slot> [<slot> ...]
    Makes this node forget who owns the slots.
DELSLOTSRANGE <start slot> <end slot> [<start slot> <end slot> ...]
    As DELSLOTS for ranges; both ends belong to them.
FAILOVER [FORCE|TAKEOVER]
    Makes this replica the primary of its shard.
FORGET <node-id>
    Removes a node from this node's view of the cluster.
FLUSHSLOTS
    Makes this node forget all of its own slots.
MEET <ip> <port> [<bus-port>]
    Introduces this node to the cluster of another one.
REPLICATE <node-id>
    Makes this node a replica of the node.
RESET [HARD|SOFT]
    Makes this node leave its cluster; HARD also gives it a new id.
SET-CONFIG-EPOCH <epoch>
    Gives a node that is still alone its configuration epoch.
SETSLOT <slot> (IMPORTING <node-id>|MIGRATING <node-id>|STABLE|NODE <node-id>)
    Says that a slot moves to this node, from it, not at all, or who owns it.
SAVECONFIG
    Writes this node's view of the cluster to its file.
LINKS
    The connections between this node and the others, each as a map.`,

  command: `(no subcommand)
    Facts about all commands.
COUNT
    The number of commands.
LIST
    The names of all commands.
INFO [<command-name> ...]
    Facts about the named commands, or about all.
DOCS [<command-name> ...]
    Documentation of the named commands, or of all.
GETKEYS <full-command>
    Which of a command's arguments are keys.
GETKEYSANDFLAGS <full-command>
    The same, with what the command does to each key.`,

  config: `GET <pattern>
    The parameters whose names match, with their values.
SET <directive> <value>
    Changes a parameter.
RESETSTAT
    Sets the statistics of INFO back to zero.
REWRITE
    Brings the configuration file up to date with the parameters.`,

  debug: `AOF-FLUSH-SLEEP <microsec>
    Waits that long before each write to the append-only file.
ASSERT
    Ends the server by a failed assertion.
CHANGE-REPL-ID
    Gives the data set a new replication id, so that replicas need a full copy.
CONFIG-REWRITE-FORCE-ALL
    As CONFIG REWRITE, writing also parameters that have their default value.
CRASH-AND-RECOVER [<milliseconds>]
    Starts the server again after that time, without saving anything before.
DIGEST
    A checksum over all keys and values of all databases.
DIGEST-VALUE <key> [<key> ...]
    Checksums over the values of the keys, one for each.
ERROR <string>
    Answers with this error.
LEAK <string>
    Takes memory for the string and never gives it back.
LOG <message>
    Writes a line to the server's log.
HTSTATS <dbid> [full]
    How full the hash tables of a database are.
HTSTATS-KEY <key> [full]
    How full the hash table of a value is.
LOADAOF
    Empties the data set and reads the append-only file.
REPLICATE <string>
    Sends the words to the replicas as a command, without executing it here.
MALLCTL <key> [<val>]
    Reads or changes a number inside the memory allocator.
MALLCTL-STR <key> [<val>]
    Reads or changes a text inside the memory allocator.
OBJECT <key>
    How the value is kept in memory.
DROP-CLUSTER-PACKET-FILTER <packet-type>
    Ignores packets of this type on the cluster bus; -1 ignores none.
OOM
    Ends the server as when memory runs out.
PANIC
    Ends the server as a broken invariant does.
POPULATE <count> [<prefix>] [<size>]
    Makes that many strings named key:<number> or <prefix>:<number>. Replicas do not get them,
    and in a cluster their slots are not looked at.
PROTOCOL <type>
    A sample reply: string, integer, double, bignum, null, array, set, map, attrib, push, verbatim,
    true or false.
RELOAD [option ...]
    Saves the data set, empties it and loads it again. Options:
    * MERGE: a key that exists already takes the loaded value.
    * NOFLUSH: the data set is not emptied before; a key that exists already ends the server.
    * NOSAVE: the file that exists is loaded.
RESTART [<milliseconds>]
    Saves the data set and the configuration and starts the server again after that time.
SDSLEN <key>
    Lengths of the key and of its string value, and what is allocated for them.
SEGFAULT
    Ends the server by an invalid memory access.
SET-ACTIVE-EXPIRE <0|1>
    Whether keys and fields are removed soon after they expire, or only when they are accessed.
QUICKLIST-PACKED-THRESHOLD <size>
    The size from which on a list element gets a node of its own; 0 is the default of 1 GB.
SET-SKIP-CHECKSUM-VALIDATION <0|1>
    Whether checksums of RDB files and of RESTORE are ignored.
SLEEP <seconds>
    Stops the server for that time, which may have decimals.
STRINGMATCH-TEST
    Tries random patterns on random texts.
STRUCTSIZE
    The sizes of inner data structures.
LISTPACK <key>
    The bytes of a value kept as a listpack.
QUICKLIST <key> [<0|1>]
    The nodes of a list, with 1 also their elements.
CLIENT-EVICTION
    Clients by the memory they use, as maxmemory-clients looks at them.
PAUSE-CRON <0|1>
    Whether periodic work stands still.
REPLYBUFFER PEAK-RESET-TIME <NEVER||RESET|time>
    Milliseconds after which the peak size of a reply buffer is forgotten.
    * NEVER: it is kept.
    * RESET: the default time.
REPLYBUFFER RESIZING <0|1>
    Whether reply buffers shrink when they are used little.
DICT-RESIZING <0|1>
    Whether the hash tables of databases change their sizes.
SCRIPT <LIST|<sha>>
    The scripts with their SHA1, or the text of one.
CLUSTERLINK KILL <to|from|all> <node-id>
    Closes the cluster bus connections to a node, from it, or both.`,

  function: `LOAD [REPLACE] <FUNCTION CODE>
    Makes a library from its source.
DELETE <LIBRARY NAME>
    Removes a library with its functions.
LIST [LIBRARYNAME PATTERN] [WITHCODE]
    The libraries, or those whose names match, each with its name, engine, functions and, when
    asked for, its source.
STATS
    The function that runs now, if any: name, command and milliseconds; and the engines.
KILL
    Stops the function that runs now.
FLUSH [ASYNC|SYNC]
    Removes all libraries, in the background (ASYNC) or at once (SYNC). Without a word
    lazyfree-lazy-user-flush decides.
DUMP
    All libraries as bytes for RESTORE.
RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]
    Brings back the libraries of a DUMP:
    * FLUSH: all others are removed before.
    * APPEND: others stay; one of the same name is an error. This is the default.
    * REPLACE: others stay; one of the same name is replaced. Functions of the same name in two
      libraries are still an error.`,

  latency: `DOCTOR
    A report on what was slow and what may help.
GRAPH <event>
    The event's latencies as a drawing in characters.
HISTORY <event>
    The event's latest latencies with their times.
LATEST
    The latest and the greatest latency of each event.
RESET [<event> ...]
    Forgets the latencies of the events, or of all.
HISTOGRAM [COMMAND ...]
    How the latencies of the commands, or of all, are spread, as cumulated counts.`,

  memory: `DOCTOR
    A report on problems with memory.
MALLOC-STATS
    What the memory allocator says of itself.
PURGE
    Gives unused memory back to the system.
STATS
    What memory is used for.
USAGE <key> [SAMPLES <count>]
    Bytes used by the key and its value. Of a large value that many elements are measured: 5 by
    default, 0 for all.`,

  module: `LIST
    The modules that are loaded.
LOAD <path> [<arg> ...]
    Loads a module with its arguments.
LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]
    Loads a module with its parameters and its arguments.
UNLOAD <name>
    Removes a module.`,

  object: `ENCODING <key>
    How the value is kept in memory.
FREQ <key>
    How often the key is used, on a logarithmic scale.
IDLETIME <key>
    Seconds since the key was last used, roughly.
REFCOUNT <key>
    How many references there are to the value.`,

  pubsub: `CHANNELS [<pattern>]
    The channels that have subscribers, or those of them that match.
NUMPAT
    The number of patterns that have subscribers.
NUMSUB [<channel> ...]
    The number of subscribers of each channel; those by pattern do not count.
SHARDCHANNELS [<pattern>]
    The shard channels that have subscribers, or those of them that match.
SHARDNUMSUB [<shardchannel> ...]
    The number of subscribers of each shard channel.`,

  script: `DEBUG (YES|SYNC|NO)
    How the next scripts of this connection are debugged.
EXISTS <sha1> [<sha1> ...]
    Which of the scripts are in the cache.
FLUSH [ASYNC|SYNC]
    Empties the cache, in the background (ASYNC) or at once (SYNC). Without a word
    lazyfree-lazy-user-flush decides.
KILL
    Stops the script that runs now.
LOAD <script>
    Puts a script into the cache without running it.`,

  sentinel: `CKQUORUM <master-name>
    Whether enough Sentinels are there to agree on a failover and to carry it out.
CONFIG SET param value [param value ...]
    Changes parameters of this Sentinel.
CONFIG GET <param> [param param param ...]
    The parameters whose names match, with their values.
DEBUG [<param> <value> ...]
    The times that this Sentinel works with, in milliseconds, or changes them.
GET-MASTER-ADDR-BY-NAME <master-name>
    The address of the primary.
FAILOVER <master-name>
    Starts a failover without asking other Sentinels.
FLUSHCONFIG
    Writes the configuration file with this Sentinel's state.
INFO-CACHE <master-name>
    The INFO replies last received from the primaries and their replicas.
IS-MASTER-DOWN-BY-ADDR <ip> <port> <current-epoch> <runid>
    Whether this Sentinel thinks that the primary at the address is down.
MASTER <master-name>
    What is known of a primary.
MASTERS
    What is known of all primaries.
MONITOR <name> <ip> <port> <quorum>
    Starts to watch a primary.
MYID
    The id of this Sentinel.
PENDING-SCRIPTS
    The scripts that run or wait to run.
REMOVE <master-name>
    Stops to watch a primary.
REPLICAS <master-name>
    What is known of the primary's replicas.
RESET <pattern>
    Forgets what was found out about the primaries whose names match.
SENTINELS <master-name>
    What is known of the other Sentinels that watch the primary.
SET <master-name> <option> <value> [<option> <value> ...]
    Changes how a primary is watched.
SIMULATE-FAILURE [CRASH-AFTER-ELECTION] [CRASH-AFTER-PROMOTION] [HELP]
    Ends this Sentinel at that moment of the next failover.`,

  slowlog: `GET [<count>]
    The latest entries, 10 by default, -1 for all. An entry is its id, time, duration in
    microseconds, arguments, client address and client name.
LEN
    The number of entries.
RESET
    Removes all entries.`,

  xgroup: `CREATE <key> <groupname> <id|$> [option]
    Makes a consumer group. Options:
    * MKSTREAM
      Makes an empty stream when the key is missing.
    * ENTRIESREAD entries_read
      How many entries the group has read already.
CREATECONSUMER <key> <groupname> <consumer>
    Makes a consumer in the group.
DELCONSUMER <key> <groupname> <consumer>
    Removes a consumer from the group.
DESTROY <key> <groupname>
    Removes the group.
SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]
    Sets the id up to which the group has read, and how many entries that are.`,

  xinfo: `CONSUMERS <key> <groupname>
    The consumers of the group.
GROUPS <key>
    The consumer groups of the stream.
STREAM <key> [FULL [COUNT <count>]
    Facts about the stream.`,
};
