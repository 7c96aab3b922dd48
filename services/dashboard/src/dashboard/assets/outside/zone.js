// Times are told in the zone of whoever reads them; the server learns it here.
document.cookie =
  "zone=" +
  encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone) +
  "; path=/; max-age=31536000; samesite=strict";
