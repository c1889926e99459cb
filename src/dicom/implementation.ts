/** Who wrote a file or opened an association: `uid('implementation')` of derived-objects.md 1.1 (PS3.7 D.3.3.2). */
export const implementationClassUid = '2.25.111514022003220041967788255198666331710';

/** The version of package.json, as at most 16 characters. */
export const implementationVersionName = 'DIFFCODE_0.1.0';
