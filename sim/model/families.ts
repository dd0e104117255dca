// All that the model knows.

import { bitModel } from "./bits.ts";
import { dumpModel } from "./dumps.ts";
import { genericModel } from "./generic.ts";
import { geoModel } from "./geo.ts";
import { hashExpiryModel } from "./hash-expiry.ts";
import { hashModel } from "./hashes.ts";
import { hyperLogLogModel } from "./hyperloglog.ts";
import { lcsModel } from "./lcs.ts";
import { listModel } from "./lists.ts";
import type { ModelFamily } from "./model.ts";
import { pubsubModel } from "./pubsub.ts";
import { scanModel } from "./scans.ts";
import { scriptModel } from "./scripts.ts";
import { sessionModel } from "./sessions.ts";
import { setModel } from "./sets.ts";
import { sortModel } from "./sort.ts";
import { sortedSetAlgebraModel } from "./sorted-set-algebra.ts";
import { sortedSetRangeModel } from "./sorted-set-ranges.ts";
import { sortedSetModel } from "./sorted-sets.ts";
import { streamClaimModel } from "./stream-claims.ts";
import { streamGroupModel } from "./stream-groups.ts";
import { streamInfoModel } from "./stream-info.ts";
import { streamReadModel } from "./stream-reads.ts";
import { streamModel } from "./streams.ts";
import { stringModel } from "./strings.ts";
import { trackingModel } from "./tracking.ts";

export const modelFamilies: readonly ModelFamily[] = [
  stringModel,
  genericModel,
  sessionModel,
  pubsubModel,
  trackingModel,
  listModel,
  setModel,
  hashModel,
  hashExpiryModel,
  hyperLogLogModel,
  lcsModel,
  sortModel,
  scanModel,
  dumpModel,
  geoModel,
  bitModel,
  sortedSetModel,
  sortedSetRangeModel,
  sortedSetAlgebraModel,
  streamModel,
  streamGroupModel,
  streamClaimModel,
  streamInfoModel,
  streamReadModel,
  scriptModel,
];
