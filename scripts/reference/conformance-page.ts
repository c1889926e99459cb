import * as tables from './conformance-tables.ts';

/** `docs/conformance.md`: the DICOM Conformance Statement, in the order of PS3.2 annex A. */
export function conformancePage(): string {
  return `${[generated, overview(), introduction, networking(), storageScp(), storageScu(), verification(), network(), rest(), annexes()].join('\n\n')}\n`;
}

const generated =
  '<!-- Generated from tables in src by `npx tsx scripts/reference.ts`; text: scripts/reference/conformance-page.ts. -->\n' +
  '# DICOM Conformance Statement of diffcode-node';

const overview = (): string => `**Research use only. Not a medical device, not for diagnosis.**

## 1 Overview

diffcode-node receives objects by C-STORE, keeps them as they came, forwards them, and adds derived series in which CT,
MR and PET images are restored by a neural network. It is a user and a provider of the Storage and Verification services:

| service | as user (SCU) | as provider (SCP) |
| --- | --- | --- |
| Verification | yes | yes |
| Storage, CT, MR and PET images | yes | yes, restored where rules say so |
| Storage, other classes | yes | yes, forwarded only; \`scp.alsoAccept\` |
| Query/Retrieve, Storage Commitment, Worklist, MPPS, Print, DICOMweb | no | no |

Media interchange: none. Private SOP classes: those that \`scp.alsoAccept\` names, none by default.`;

const introduction = `## 2 Introduction

For whoever connects the node with modalities and archives. Tables are made from the code of this version, so that they
say what it does. Sections of the standard are cited as PS3.x. A statement is no proof that two systems work together:
test the connection (\`echo\`, a test series) before clinical data pass.

Terms: *source* is an object as received; *derived* is an object that the node writes from it. AE, SCU, SCP and SOP are
as in PS3.2.`;

const networking = (): string => `## 3 Networking

### 3.1 Implementation model

\`\`\`
 modality ── C-STORE, C-ECHO ──► STORAGE-SCP ──► files, ledger ──► rules, restoring, limits ──► STORAGE-SCU ── C-STORE ──► archive
                                 VERIFICATION                                                   VERIFICATION ── C-ECHO ──► archive
\`\`\`

- **STORAGE-SCP** waits on one TCP port, takes associations of callers that configuration names, and stores objects. It
  answers C-ECHO on the same associations.
- **STORAGE-SCU** sends source and derived objects to configured destinations. It opens associations when deliveries are
  due, tries again with growing pauses, and keeps the answer to each object in the ledger.
- **VERIFICATION** answers C-ECHO as SCP, and asks destinations by C-ECHO as SCU: by hand, and while a destination's
  associations fail.

STORAGE-SCP and VERIFICATION as SCP share AE title and port. STORAGE-SCU calls with the same title, or with the
destination's \`callingAeTitle\`. Sequence: objects of a series arrive in any order over any number of associations; the
series is decided when it is quiet or complete; source objects are sent when they are decided, derived ones when every
one of the series has been made and checked. Nothing that was sent is sent again under another UID.

### 3.2 Association policies

${tables.associationTable()}

Every value but application context and implementation is configuration. Peers' maximum PDU lengths are respected; zero
(no limit) is answered with PDUs of at most 131072 bytes; fewer than 128 bytes end the association.

**Asynchronous operations.** As acceptor: where the peer proposes a window, operations invoked are granted as above,
operations performed are 1, and answers leave in the order of the requests. As initiator: 16 invoked, 1 performed are
proposed, and what the peer grants is used; one at a time where it grants none.

**Other negotiation.** Roles: SCU only for storage classes. User identity is taken and neither checked nor answered. SOP
class extended and common extended negotiation are not supported and not answered.`;

const storageScp = (): string => `### 3.3 STORAGE-SCP

#### SOP classes

Stored, forwarded, and restored where a rule says so (SCP):

${tables.restoredClassesTable()}

Stored and forwarded only, while \`scp.alsoAccept\` holds \`common\` (as shipped); other UIDs may be added there (SCP):

${tables.forwardedClassesTable()}

#### Transfer syntaxes

For each SOP class above and for Verification:

${tables.transferSyntaxTable()}

#### Acceptance of associations

An association is accepted when the called AE title is ours, and the calling AE title together with the address stands
in a row of \`callers\`. Else:

${tables.rejectionTable()}

#### Acceptance of presentation contexts

Each proposed context is answered by itself. Of the proposed transfer syntaxes the first that is known is chosen where
it is compressed, so that the sender keeps what it has; else the best of explicit little endian, deflated, implicit
little endian, explicit big endian.

${tables.contextResultTable()}

#### Storing

Data sets are kept bit for bit (storage level 2, full); no element is coerced. Bytes are held against the command: SOP
class, SOP instance, and whether the data set is complete. The same object twice is answered 0000 and kept once. An
object with a known SOP Instance UID and other bytes is kept aside, never merged, and answered as the table says, or 0000
for callers with \`onConflict: success\`. Objects stay until every destination has them and the retention time is over.

${tables.storeStatusTable()}

Operations other than C-STORE and C-ECHO are answered with the status of unrecognized operations; C-CANCEL is ignored.

#### Aborts

${tables.abortTable()}

A connection that does not ask for an association within \`scp.limits.artimMs\` is closed without an A-ABORT.

#### Limits and timers

${tables.limitTable('limits')}`;

const storageScu = (): string => `### 3.4 STORAGE-SCU

#### SOP classes and transfer syntaxes

Every SOP class of 3.3, in the transfer syntax in which the object is stored: one presentation context for each pair that
the batch holds, and one more for each class with explicit and implicit little endian, at most 128 contexts in one
association. Derived objects have the SOP class of their source; they are implicit little endian where the source is,
explicit big endian where the source is, else explicit little endian.

An object whose own syntax is refused is converted to one that was accepted, without loss and with the same SOP Instance
UID. To a peer that refuses the uncompressed syntaxes as well, a second association offers what the destination's
\`offer\` names:

${tables.offeredTable()}

An object that fits no accepted context ends \`no-context\` and is refused until a person tries again.

#### What a received status does

Objects are counted by state in the ledger; \`waiting\` is tried again, \`refused\` waits for a person.

${tables.receivedStatusTable()}

#### What the end of an association does

${tables.unansweredTable()}

The pause before the next attempt doubles from \`sender.backoffFirstMs\` to \`sender.backoffMaxMs\`, with full jitter, and
survives a restart. There is no last attempt but for \`failed\`. One destination's failures delay no other.

#### Limits and timers

${tables.limitTable('sender')}`;

const verification = (): string => `### 3.5 VERIFICATION

| SOP class | UID | transfer syntaxes | roles |
| --- | --- | --- | --- |
| Verification | 1.2.840.10008.1.1 | as SCU: implicit little endian; as SCP: all of 3.3 | SCU, SCP |

As SCP: 0000 to every caller that may associate, those with \`store: false\` too. As SCU: a destination that answers 0000
is tried again with its deliveries.`;

const network = (): string => `### 3.6 Network interfaces and configuration

TCP/IP over IPv4 and IPv6; host names are resolved by the operating system. Nagle's algorithm is off on every socket.
AE titles, addresses, ports, destinations, rules, limits and timers are configured in files:
[reference/configuration.md](reference/configuration.md). AE titles are compared with regard to case, without leading and
trailing spaces.`;

const rest = (): string => `## 4 Media interchange

None. \`restore\` reads and writes DICOM files (PS3.10) in folders, without DICOMDIR.

## 5 Character sets

Every Specific Character Set is accepted, kept and forwarded: text is copied as bytes. What the node inserts is ASCII
without backslash and tilde, which is valid in front of text of every set, ISO 2022 included. (0008,0005) is never
changed.

## 6 Security

Transport: none yet; TLS (PS3.15 annex B) is planned. Until then the port belongs into a network of its own, or behind a
tunnel. Access: calling AE title and address, for each association. Audit: rejected callers,
conflicts, starts and stops, widened limits, changes of weights and configuration go to a file of their own, in a format
of ours. Digital signatures in source objects stay valid,
since their bytes stay; derived objects carry no signature at the root.`;

const annexes = (): string => `## 7 Annexes

### 7.1 Contents of derived objects

Classic CT, MR and PET images, and enhanced and legacy converted multi-frame images. An element that no row names is kept
byte for byte, private elements included. *keep* never adds; *set* is always there, with our value; *append* keeps the
items of the source and adds one; *drop* is never there; *recompute* is our value where the source has the element.
Sections are those of PS3.3.

${tables.elementTable()}

Choices that a reader may not expect:

- **Content Date and Time (0008,0023), (0008,0033) are kept.** They carry the order in time within the series. The moment
  of our writing is in Instance Creation Date and Time and in Contribution DateTime.
- **Series Date and Time are kept**: viewers of PET correct decay from them.
- **General Equipment is the scanner's.** The node stands in Contributing Equipment Sequence, purpose 109102.
- **Image Type value 2 is PRIMARY**, the only value that all these IODs allow.
- **UIDs are made from content** (2.25, UUID version 5): the same source, weights and settings give the same UIDs, so that
  sending twice replaces and never doubles.

### 7.2 Private attributes

None of our own. Private elements of the source are kept but for those that 7.1 names.

### 7.3 Coded terminology

Private coding scheme ${tables.schemeText}, in Derivation Code Sequence (0008,9215); its designator is declared in Coding
Scheme Identification Sequence (0008,0110). CID 7203 is extensible and has no code for a learned restoration.

${tables.codeTable()}

DCM codes: 121322 and 121323 (purposes of the references to source image and series), 109102 (contributing equipment).

### 7.4 Greyscale image consistency

Does not apply: the node displays nothing.

### 7.5 Standard extended, specialized and private SOP classes

Derived objects are of standard SOP classes. Sources of Standard Extended SOP classes stay so. Device UID (0018,1002) in the
item of Contributing Equipment Sequence (PS3.3 C.12.1.1.5) names the weights; checkers that follow an older edition may
call the object Standard Extended for it. No specialized or private SOP class is created.

### 7.6 Private transfer syntaxes

None.`;
