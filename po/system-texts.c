/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * system-texts: what the C library says in English and our messages carry on.
 *
 * Never compiled: xgettext reads it, so that po/fr.po has these texts, which strerrordesc_np() and
 * gai_strerror() give at run time.  A text that is not here stays English.
 */

/* strerrordesc_np() */
N_("Address already in use")
N_("Address family not supported by protocol")
N_("Broken pipe")
N_("Cannot allocate memory")
N_("Cannot assign requested address")
N_("Connection refused")
N_("Connection reset by peer")
N_("Connection timed out")
N_("Device or resource busy")
N_("Directory not empty")
N_("Disk quota exceeded")
N_("File exists")
N_("File name too long")
N_("File too large")
N_("Input/output error")
N_("Invalid argument")
N_("Invalid cross-device link")
N_("Is a directory")
N_("Network is unreachable")
N_("No locks available")
N_("No route to host")
N_("No space left on device")
N_("No such device or address")
N_("No such file or directory")
N_("Not a directory")
N_("Operation not permitted")
N_("Operation not supported")
N_("Permission denied")
N_("Protocol not supported")
N_("Read-only file system")
N_("Resource temporarily unavailable")
N_("Stale file handle")
N_("Text file busy")
N_("Too many levels of symbolic links")
N_("Too many open files")
N_("Too many open files in system")
N_("Value too large for defined data type")

/* gai_strerror() */
N_("Address family for hostname not supported")
N_("Name or service not known")
N_("No address associated with hostname")
N_("Non-recoverable failure in name resolution")
N_("Servname not supported for ai_socktype")
N_("System error")
N_("Temporary failure in name resolution")
