import dimse from 'dcmjs-dimse';

/** Answers a C-ECHO (PS3.4 annex A): a peer that got this far may know that we are here. */
export function echoResponse(request: dimse.requests.CEchoRequest): dimse.responses.CEchoResponse {
  const response = dimse.responses.CEchoResponse.fromRequest(request);
  response.setStatus(dimse.constants.Status.Success);
  return response;
}
