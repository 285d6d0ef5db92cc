/** The version of Showrunner that this page was built with. */
declare const __VERSION__: string;
