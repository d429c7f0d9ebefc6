/** What a kind of device decides. */
export interface Profile {
  readonly model: string
  readonly type: string
  readonly exactType: string
  readonly firmVer: string
  readonly hardVer: string
  readonly channelNum: number
  /** Milliseconds after a login in which its token is not known everywhere yet. */
  readonly loginSettles: number
  readonly wrongPassword: -7 | -502
  /** What Search calls files. */
  readonly names: 'files' | 'none' | 'opaque' | 'paths'
  /** What Search says of sizes: exact numbers, or text rounded to whole MiB. */
  readonly sizes: 'exact' | 'mebibytes'
  readonly container: 'mp4' | 'fragmented'
  /** How many downloads it bears at once. */
  readonly vodLimit: number
  /** Whether files made by NvrDownload can be fetched; `closes`: the connection ends without a byte. */
  readonly fragments: 'none' | 'served' | 'closes'
  readonly encryptedLogin: 'none' | 'offered'
}

export const profiles = {
  camera: {
    ...{ model: 'RLC-520A', type: 'IPC', exactType: 'IPC', channelNum: 1 },
    ...{ firmVer: 'v3.1.0.951_22041566', hardVer: 'IPC_523128M5MP' },
    ...{ loginSettles: 300, wrongPassword: -7, names: 'files', sizes: 'exact', container: 'mp4', vodLimit: 1 },
    ...{ fragments: 'none', encryptedLogin: 'none' },
  },
  'nvr-classic': {
    ...{ model: 'RLN8-410', type: 'NVR', exactType: 'NVR', channelNum: 8 },
    ...{ firmVer: 'v3.3.0.226_23031644', hardVer: 'H3MB18' },
    ...{ loginSettles: 0, wrongPassword: -502, names: 'none', sizes: 'mebibytes', container: 'mp4', vodLimit: 4 },
    ...{ fragments: 'served', encryptedLogin: 'none' },
  },
  'nvr-365': {
    ...{ model: 'RLN8-410', type: 'NVR', exactType: 'NVR', channelNum: 8 },
    ...{ firmVer: 'v3.6.5.562_26042215', hardVer: 'N7MB01' },
    ...{ loginSettles: 0, wrongPassword: -502, names: 'opaque', sizes: 'mebibytes', container: 'mp4', vodLimit: 4 },
    ...{ fragments: 'closes', encryptedLogin: 'none' },
  },
  hub: {
    ...{ model: 'Reolink Home Hub Pro', type: 'HOMEHUB', exactType: 'HOMEHUB', channelNum: 24 },
    ...{ firmVer: 'v3.3.0.466_25120217', hardVer: 'BASE_WENNT6NA5' },
    ...{
      loginSettles: 0,
      wrongPassword: -502,
      names: 'paths',
      sizes: 'mebibytes',
      container: 'fragmented',
      vodLimit: 1,
    },
    ...{ fragments: 'none', encryptedLogin: 'offered' },
  },
} as const satisfies Readonly<Record<string, Profile>>

export type ProfileName = keyof typeof profiles
