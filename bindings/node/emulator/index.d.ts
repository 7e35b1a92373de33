/** The path of the program for this platform. */
export declare const program: string;
