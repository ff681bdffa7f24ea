/* The code that headers set themselves; failures.pxd continues from it. */
#ifndef AVROJET_FAILURES_H
#define AVROJET_FAILURES_H

#define AVROJET_WRITE_NULL 1

#endif
